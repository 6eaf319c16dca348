import { describe, expect, it } from '@jest/globals'
import { createNews, type EventType, type Head, nextPage } from '../../src/event/index.ts'
import type { Seen } from '../../src/event/store.ts'
import type { Reads } from '../../src/platform/database/index.ts'
import { atEnd } from '../support/at-end.ts'
import { happen, numberThem } from '../support/event.ts'
import { quietLog } from '../support/quiet-log.ts'
import { openPlace, tempDatabase } from '../support/temp-database.ts'
import { turns, watched } from '../support/turns.ts'

const idsOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `evt_${prefix}${1000 + i}`)

type Asked = Seen & { limit?: number; waitMs?: number }

async function reading() {
  const { place, database } = await tempDatabase()
  const news = createNews({ database, log: quietLog().log })
  await news.start()
  atEnd(() => news.stop())
  const ending = new AbortController()
  const read = (after: number, { limit = 50, waitMs = 0, ...seen }: Asked = {}) =>
    nextPage({ database, news }, { after, limit, waitMs, until: ending.signal, ...seen }).then(
      ({ events, next }) => ({ ids: events.map(({ id }) => id), next }),
    )
  const write = async (ids: string[], type?: EventType) => {
    await happen(database, ids, type)
    await numberThem(database)
  }
  return { place, database, ending, read, write }
}

const longMs = 60_000

describe('a reader of events', () => {
  it('comes by pages to all of them in their order, each once, and to what happens then', async () => {
    const { read, write } = await reading()
    const ids = idsOf('a', 120)
    await write(ids)
    const seen: string[] = []
    let after = 0
    for (const expected of [50, 50, 20, 0]) {
      const page = await read(after)
      expect(page.ids).toHaveLength(expected)
      seen.push(...page.ids)
      after = page.next
    }
    expect(seen).toEqual(ids)
    await write(['evt_b'])
    expect(await read(after)).toEqual({ ids: ['evt_b'], next: 121 })
  })

  it('is shown nothing that has no number yet', async () => {
    const { database, read } = await reading()
    await happen(database, ['evt_a'])
    const before = await read(0)
    expect(before.ids).toEqual(database.commitsOverlap ? [] : ['evt_a'])
    await numberThem(database)
    expect((await read(0)).ids).toEqual(['evt_a'])
  })

  it('waits for what happens in this process and in another', async () => {
    const { place, read, write } = await reading()
    const other = await openPlace(place)
    const first = watched(read(0, { waitMs: longMs }))
    await turns(20)
    expect(first.settled()).toBe(false)
    await write(['evt_a'])
    expect(await first.promise).toEqual({ ids: ['evt_a'], next: 1 })

    const second = read(1, { waitMs: longMs })
    await happen(other, ['evt_b'])
    await numberThem(other)
    expect(await second).toEqual({ ids: ['evt_b'], next: 2 })
  })

  it('is told in the end that there is nothing', async () => {
    const { read } = await reading()
    expect(await read(0, { waitMs: 30 })).toEqual({ ids: [], next: 0 })
  })

  it('waits no longer when it is told to end', async () => {
    const { read, ending } = await reading()
    const page = read(0, { waitMs: longMs })
    await turns(20)
    ending.abort()
    expect(await page).toEqual({ ids: [], next: 0 })
    expect(await read(0, { waitMs: longMs })).toEqual({ ids: [], next: 0 })
  })
})

describe('a reader of some types', () => {
  it('sees only these, and goes past the others', async () => {
    const { read, write } = await reading()
    await write(['evt_a', 'evt_b'])
    await write(['evt_c'], 'key.created')
    await write(['evt_d'])
    const types: EventType[] = ['key.created']
    expect(await read(0, { types })).toEqual({ ids: ['evt_c'], next: 4 })
    expect(await read(0, { types, limit: 1 })).toEqual({ ids: ['evt_c'], next: 3 })
    expect(await read(4, { types })).toEqual({ ids: [], next: 4 })
    const waiting = watched(read(4, { types, waitMs: longMs }))
    await write(['evt_e'])
    await turns(20)
    expect(waiting.settled()).toBe(false)
    await write(['evt_f'], 'key.created')
    expect(await waiting.promise).toEqual({ ids: ['evt_f'], next: 6 })
  })

  it('goes past thousands of others in steps, and knows how far it came', async () => {
    const { read, write } = await reading()
    await write(idsOf('a', 6000))
    await write(['evt_z'], 'key.created')
    const types: EventType[] = ['key.created']
    expect(await read(0, { types })).toEqual({ ids: [], next: 5000 })
    expect(await read(5000, { types })).toEqual({ ids: ['evt_z'], next: 6001 })
    expect(await read(0, { types, waitMs: longMs })).toEqual({ ids: ['evt_z'], next: 6001 })
  })
})

describe('a reader of what belongs to it', () => {
  const types: EventType[] = ['payer.created', 'key.created']

  it('comes by pages to all of it in its order, each once, whatever lies between', async () => {
    const { read, write } = await reading()
    const ids = idsOf('a', 1700)
    await write(ids)
    const own = new Set(ids.filter((_, i) => i % 7 === 3 || i > 1600))
    const asked: number[] = []
    const belong = async (_: Reads, heads: Head[]) => {
      asked.push(heads.length)
      return own
    }
    const seen: string[] = []
    for (let after = 0; ; ) {
      const page = await read(after, { types, belong, limit: 40 })
      seen.push(...page.ids)
      after = page.next
      if (page.ids.length < 40) break
    }
    expect(seen).toEqual([...own])
    expect(Math.max(...asked)).toBeLessThanOrEqual(500)
    expect(await read(1700, { types, belong })).toEqual({ ids: [], next: 1700 })
  })

  it('goes past thousands that do not in steps, and waits for what does', async () => {
    const { read, write } = await reading()
    await write(idsOf('a', 6000))
    const belong = async () => new Set(['evt_z'])
    expect(await read(0, { types, belong })).toEqual({ ids: [], next: 5000 })
    const waiting = watched(read(0, { types, belong, waitMs: longMs }))
    await write(['evt_y'])
    await turns(20)
    expect(waiting.settled()).toBe(false)
    await write(['evt_z'])
    expect(await waiting.promise).toEqual({ ids: ['evt_z'], next: 6002 })
  })
})
