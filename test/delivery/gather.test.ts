import { describe, expect, it } from '@jest/globals'
import { gather } from '../../src/delivery/gather.ts'
import { until } from '../support/until.ts'

/** What was passed on, turn by turn. */
function gathering(enough: (waiting: number) => boolean) {
  const passed: number[][] = []
  let times = 0
  let open: number[] | undefined
  const pass = async (item: number) => {
    if (!open) {
      open = []
      passed.push(open)
      setImmediate(() => {
        open = undefined
      })
    }
    open.push(item)
    return item * 2
  }
  const gathered = gather(pass, {
    enough,
    passed: () => {
      times += 1
    },
  })
  return { give: gathered, passed, times: () => times }
}

describe('what is gathered', () => {
  it('goes at once when it is enough', async () => {
    const { give, passed } = gathering(() => true)
    const given = give(1)
    expect(passed).toEqual([[1]])
    expect(await given).toBe(2)
  })

  it('goes together when enough wait', async () => {
    const { give, passed, times } = gathering((waiting) => waiting === 3)
    const given = [give(1), give(2)]
    expect([passed, times()]).toEqual([[], 0])
    given.push(give(3))
    expect([passed, times()]).toEqual([[[1, 2, 3]], 1])
    expect(await Promise.all(given)).toEqual([2, 4, 6])
  })

  it('goes together with the last of those that were to come', async () => {
    let left = 2
    const { give, passed } = gathering(() => left === 0)
    const given = [give(1)]
    left = 0
    given.push(give(2))
    expect(await Promise.all(given)).toEqual([2, 4])
    expect(passed).toEqual([[1, 2]])
  })

  it('goes after a moment, though others never come', async () => {
    const { give, passed } = gathering(() => false)
    const given = give(1)
    await until('it is passed on', () => passed.length > 0)
    expect(await given).toBe(2)
  })

  it('is told what went wrong', async () => {
    const give = gather(
      async () => {
        throw new Error('no')
      },
      { enough: () => true, passed() {} },
    )
    await expect(give(1)).rejects.toThrow('no')
  })
})
