import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from '@jest/globals'
import { createGate } from '../../../src/platform/database/gate.ts'
import { DatabaseUnavailable } from '../../../src/platform/database/index.ts'
import { InvariantBroken } from '../../../src/platform/invariant.ts'
import { turns, watched } from '../../support/turns.ts'

const aGate = (width = 1, limitMs = 10_000) =>
  createGate({ name: 'write', width, inside: new AsyncLocalStorage(), limitMs })

describe('the gate', () => {
  it('lets one in at a time, in the order of asking', async () => {
    const gate = aGate()
    const seen: string[] = []
    const visit = (name: string) =>
      gate.through(async () => {
        seen.push(`${name} in`)
        await turns(2)
        seen.push(`${name} out`)
      })
    await Promise.all([visit('a'), visit('b'), visit('c')])
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
  })

  it('lets as many in at a time as it is wide', async () => {
    const gate = aGate(2)
    let inside = 0
    let most = 0
    const visit = () =>
      gate.through(async () => {
        inside += 1
        most = Math.max(most, inside)
        await turns(2)
        inside -= 1
      })
    await Promise.all(Array.from({ length: 7 }, visit))
    expect(most).toBe(2)
  })

  it('lets the next in after one has failed, and fails that one alone', async () => {
    const gate = aGate()
    const bad = gate.through(() => Promise.reject(new Error('no')))
    const good = gate.through(async () => 'yes')
    await expect(bad).rejects.toThrow('no')
    expect(await good).toBe('yes')
  })

  it('sends away who has waited for too long, and only that one', async () => {
    const gate = aGate(1, 20)
    const working = Promise.withResolvers<void>()
    const inside = gate.through(() => working.promise)
    await expect(gate.through(async () => 'never')).rejects.toThrow(DatabaseUnavailable)
    const patient = gate.through(async () => 'yes')
    working.resolve()
    await inside
    expect(await patient).toBe('yes')
  })

  it('refuses a nested call loudly instead of waiting for ever', async () => {
    const gate = aGate()
    const nested = gate.through(async () => gate.through(async () => 'never'))
    await expect(nested).rejects.toThrow(InvariantBroken)
    expect(await gate.through(async () => 'free again')).toBe('free again')
  })

  it('closes after the last one inside, and lets nobody in then', async () => {
    const gate = aGate()
    const working = Promise.withResolvers<void>()
    const inside = gate.through(() => working.promise)
    const closing = watched(gate.close())
    await expect(gate.through(async () => {})).rejects.toThrow('the database is closed')
    await turns(5)
    expect(closing.settled()).toBe(false)
    working.resolve()
    await Promise.all([inside, closing.promise])
  })
})
