import { isStrict, type Route } from '../party/index.ts'
import type { Db, Reads } from '../platform/database/index.ts'
import { alone } from '../platform/lease.ts'
import * as turn from '../turn/index.ts'
import type { Delivery } from './delivery.ts'
import * as store from './store.ts'

/**
 * On a strict route a delivery waits until it is its turn, and is then like any other: of each such
 * route one delivery at most is under way, `pending` or `sending`, and whoever claims what is due
 * meets no other. So a failed one keeps those behind it waiting for as long as it is to be tried
 * again, and a lease that ends gives back that one and not the next.
 *
 * Whose turn it is, is decided by the numbers of the events alone, and only where nothing is under
 * way. Of two that wait on a route, A with the lower number is done before B is let go: what wrote
 * down B's number saw A's as well, and A's turn, which was committed with A's event before either
 * had a number; and nobody is let go before all that was seen is written down. So by then A is the
 * first, or was let go before and is under way no more. One unit at a time decides this, so that
 * none does by what is over already.
 */
const waiting = { status: 'waiting', dueDate: null, claimId: null, finishDate: null } as const

export function inLine(delivery: Delivery): Delivery {
  return { ...delivery, ...waiting }
}

/** Lets deliveries wait for their turn; the caller writes them so. */
export async function standInLine(db: Db, pending: Delivery[]): Promise<void> {
  if (pending.length === 0) return
  await turn.insertTurns(
    db,
    pending.map(({ id, routeId, eventId, dueDate }) => ({
      deliveryId: id,
      routeId,
      eventId,
      dueDate: dueDate ?? 0,
      seq: null,
    })),
  )
  db.announce('turns')
}

/** Puts deliveries in line that this unit holds and nobody is sending. */
export async function putInLine(db: Db, pending: Delivery[]): Promise<void> {
  if (pending.length === 0) return
  const ids = pending.map(({ id }) => id)
  await store.setState(db, ids, waiting)
  await turn.removeTurns(db, ids)
  await standInLine(db, pending)
}

/** So many rows are met by one statement. */
const batch = 1000

export type Line = 'empty' | 'waiting' | 'moving'

/** Whether anybody stands in line, and whether `moveUp` would find something to do. */
export async function lookAtLine(db: Reads): Promise<Line> {
  if (!(await turn.anyTurn(db))) return 'empty'
  const moves = (await turn.anyNumbered(db)) || (await free(db)).length > 0
  return moves ? 'moving' : 'waiting'
}

/** The first of each route on which nothing is under way. */
async function free(db: Reads) {
  const firsts = await turn.firsts(db)
  const isFree: typeof firsts = []
  for (let from = 0; from < firsts.length; from += batch) {
    const some = firsts.slice(from, from + batch)
    const underWay = await store.underWayOn(
      db,
      some.map(({ routeId }) => routeId),
    )
    isFree.push(...some.filter(({ routeId }) => !underWay.has(routeId)))
  }
  return isFree
}

/** Writes down numbers that were given by now, and lets those go whose turn it is. */
export async function moveUp(db: Db, now: number): Promise<void> {
  await alone(db, 'turns')
  if (!(await turn.placeNumbered(db, batch))) return
  const first = await Promise.all((await free(db)).map((one) => turn.turnAt(db, one)))
  await letGo(
    db,
    first.filter((one) => one !== undefined),
    now,
  )
}

/** The deliveries before their turns, as everybody does who wants both. */
async function letGo(db: Db, some: turn.Turn[], now: number): Promise<void> {
  const ids = (all: turn.Turn[]) => all.map(({ deliveryId }) => deliveryId)
  if (some.length === 0) return
  for (const [time, all] of Map.groupBy(some, ({ dueDate }) => Math.max(dueDate, now)))
    await store.letGo(db, ids(all), time)
  await turn.removeTurns(db, ids(some))
  db.announce('deliveries')
}

/**
 * What is open on a route goes by its ordering from now on; only what is being sent, or comes back
 * from that, is before the order. Called where nobody else makes deliveries on the route.
 */
export async function reorder(db: Db, route: Route, now: number): Promise<void> {
  await alone(db, 'turns')
  if (isStrict(route)) await lineUp(db, route.id)
  else await dissolve(db, route.id, now)
}

/** Goes on where it was, rather than over what it has moved away. */
async function lineUp(db: Db, routeId: string): Promise<void> {
  for (let [from, met] = [0, batch]; met === batch; ) {
    const pending = await store.holdPending(db, routeId, from, batch)
    await putInLine(db, pending)
    met = pending.length
    from = pending.at(-1)?.dueDate ?? from
  }
}

async function dissolve(db: Db, routeId: string, now: number): Promise<void> {
  for (let after = 0; ; ) {
    const some = await turn.following(db, routeId, after, batch)
    await letGo(db, some, now)
    if (some.length < batch) break
    after = some.at(-1)?.seq ?? after
  }
  for (let met = batch; met === batch; ) {
    const some = await turn.unnumbered(db, routeId, batch)
    await letGo(db, some, now)
    met = some.length
  }
}
