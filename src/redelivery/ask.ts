import { append, type EventType } from '../event/index.ts'
import { partnersById, routesById } from '../party/index.ts'
import type { Database, Db, Reads } from '../platform/database/index.ts'
import { idsReceived } from '../platform/id.ts'
import { everyones, type Own } from '../platform/own.ts'
import { Refused } from '../platform/problem.ts'
import type { Tools } from '../platform/tools.ts'
import { kinds } from './advance.ts'
import type { Redelivery, Search, Wanted } from './redelivery.ts'
import * as store from './store.ts'

/** How many match: `exact`, or at least so many, where counting on would take too long. */
export type Counted = { count: number; exact: boolean }

export type Redeliveries = ReturnType<typeof createRedeliveries>

/** So many rows are looked at in one read, and in so many reads at most. */
const pageSize = 1000
const mostPages = 50

/** What people ask of redeliveries. */
export function createRedeliveries({ database, clock, newId }: Tools & { database: Database }) {
  const searchOf = async (db: Reads, wanted: Wanted): Promise<Search> => {
    await requireKnown(db, wanted)
    return { ...wanted, place: firstPlace(wanted), createDate: clock.now() }
  }
  const tell = (db: Db, type: EventType, subject: string, data: Record<string, unknown>) =>
    append(db, [{ id: newId('evt'), type, subject, time: clock.now(), data }])

  return {
    /** How many it would be, as far as can be said soon. Each page is a read of its own. */
    async count(wanted: Wanted): Promise<Counted> {
      const search = await database.read((db) => searchOf(db, wanted))
      let [count, { place }] = [0, search]
      for (let page = 0; page < mostPages; page += 1) {
        const next = { ...search, place }
        const looked = await database.read((db) => kinds[wanted.kind].look(db, next, pageSize))
        count += looked.matches.length
        if (looked.isLast) return { count, exact: true }
        place = looked.ids.at(-1) ?? place
      }
      return { count, exact: false }
    },

    /**
     * Only writes down what is wanted: the daemon does it. One after the other has its turn, so a
     * partner waits for its last before it asks for another.
     */
    async start(wanted: Wanted, by: Own = everyones): Promise<Redelivery> {
      const id = newId('rdl')
      return database.write(async (db) => {
        if (by !== everyones) await requireTurn(db, by)
        const search = await searchOf(db, wanted)
        const started: Redelivery = {
          ...search,
          id,
          status: 'running',
          looked: 0,
          handedOut: 0,
          waiting: '[]',
          finishDate: null,
        }
        await store.insert(db, started)
        const { kind, accountId: account_number, routeId: route_id } = wanted
        await tell(db, 'redelivery.started', id, { kind, account_number, route_id })
        return started
      })
    },

    /** What is finished stays as it is; what was handed out is delivered all the same. */
    cancel: (id: string): Promise<Redelivery> =>
      database.write(async (db) => {
        const held = await store.holdRedelivery(db, id)
        if (!held) throw new Refused('not_found', `There is no redelivery ${id}.`)
        if (held.status !== 'running') return held
        const canceled = { ...held, status: 'canceled' as const, finishDate: clock.now() }
        db.foundBy(store.cameTo(canceled))
        await store.update(db, canceled)
        await tell(db, 'redelivery.canceled', id, { handed_out: held.handedOut })
        return canceled
      }),
  }
}

async function requireKnown(db: Reads, { accountId, routeId }: Wanted): Promise<void> {
  if (accountId !== null && !(await partnersById(db, [accountId])).has(accountId))
    throw new Refused('not_found', `There is no partner ${accountId}.`)
  if (routeId === null) return
  const route = (await routesById(db, [routeId])).get(routeId)
  if (accountId !== null && route?.accountId !== accountId)
    throw new Refused('not_found', `The partner ${accountId} has no route ${routeId}.`)
  if (!route) throw new Refused('not_found', `There is no route ${routeId}.`)
}

/** Two that a partner asks for at once: the second waits for the partner's row, and is refused. */
async function requireTurn(db: Db, accountId: string): Promise<void> {
  await partnersById(db, [accountId], db.held('change'))
  if (await store.anyRunningOf(db, accountId))
    throw new Refused('in_use', 'A redelivery is running already: wait until it is done.')
}

/** No delivery, and no payment, is older than the notice: all that match come behind this. */
function firstPlace({ kind, fromDate }: Wanted): string {
  return idsReceived(kind === 'replay' ? 'pay' : 'dlv', fromDate ?? undefined).least ?? ''
}
