import { type Delivery, deliveriesById, restingRoutes } from '../delivery/index.ts'
import { append } from '../event/index.ts'
import type { Database, Db, Reads } from '../platform/database/index.ts'
import { hold } from '../platform/lease.ts'
import type { Tools } from '../platform/tools.ts'
import { type HandOut, handOutAgain, handOutFirst } from './hand-out.ts'
import { lookForDeliveries, lookForPayments, onEnabled } from './look.ts'
import { type Look, type Looked, type Match, type Redelivery, waits } from './redelivery.ts'
import * as store from './store.ts'

export const kinds: Record<Redelivery['kind'], { look: Look; handOut: HandOut }> = {
  again: { look: lookForDeliveries, handOut: handOutAgain },
  replay: { look: lookForPayments, handOut: handOutFirst },
}

type Deps = Tools & {
  database: Database
  /** Who holds the lease. */
  holder: string
  /** So many deliveries that were handed out may wait for their first try. */
  most: number
}

/** So many are looked at in one step. */
const stepSize = 200
const leaseMs = 5000
const idleMs = 1000
const pauseMs = 50

/**
 * One step of the redelivery whose turn it is; how long to rest before the next. What is handed out
 * and the place that was come to are one unit, so that nothing is lost or done twice wherever it is
 * broken off.
 */
export async function advance(deps: Deps): Promise<number> {
  const { database, clock } = deps
  const begun = clock.now()
  const seen = await database.read((db) => look(db, deps))
  if (seen === null) return idleMs
  if (!mayMoveOn(seen)) return pauseMs
  const restMs = await database.write((db) => moveOn(db, seen, deps))
  // The intake has its turn: on SQLite there is one writer at a time.
  return Math.max(restMs, clock.now() - begun)
}

type Seen = { running: Redelivery; waiting: string[]; room: number; looked: Looked }

/**
 * The first that can go on, or the last that waits. One whose deliveries all wait for lanes that
 * are held may do so for hours, and takes no slots meanwhile: it lets the next have its turn.
 */
async function look(
  db: Reads,
  { most, clock }: Pick<Deps, 'most' | 'clock'>,
): Promise<Seen | null> {
  let seen: Seen | null = null
  for (let after = ''; ; ) {
    const running = await store.nextRunning(db, after)
    if (!running) return seen
    const handedOut = await deliveriesById(db, JSON.parse(running.waiting))
    const waiting = await onEnabled(db, [...handedOut.values()].filter(waits))
    seen = await seenOf(db, running, waiting, most)
    const resting = await restingRoutes(db, routeIdsOf(waiting), clock.now())
    const stands = waiting.length > 0 && waiting.every(({ routeId }) => resting.has(routeId))
    if (!stands || mayMoveOn(seen)) return seen
    after = running.id
  }
}

async function seenOf(
  db: Reads,
  running: Redelivery,
  waiting: Delivery[],
  most: number,
): Promise<Seen> {
  const room = Math.max(0, most - waiting.length)
  const looked =
    room === 0
      ? { ids: [], matches: [], isLast: false }
      : await kinds[running.kind].look(db, running, stepSize)
  return { running, waiting: waiting.map(({ id }) => id), room, looked }
}

function routeIdsOf(deliveries: Delivery[]): string[] {
  return [...new Set(deliveries.map(({ routeId }) => routeId))]
}

/** There is room, and it is not over but for those that wait. */
function mayMoveOn({ waiting, room, looked }: Seen): boolean {
  return room > 0 && !(isOver(looked) && waiting.length > 0)
}

function isOver({ isLast, matches }: Looked): boolean {
  return isLast && matches.length === 0
}

/** Hands out what there is room for, and writes down how far it came; how long to rest. */
async function moveOn(
  db: Db,
  { running, waiting, room, looked }: Seen,
  deps: Deps,
): Promise<number> {
  const { clock, newId, holder } = deps
  const now = clock.now()
  if (!(await hold(db, { name: 'redelivery', holder, now, leaseMs }))) return leaseMs
  const held = await store.holdRedelivery(db, running.id)
  // Somebody has canceled it, or a holder before us was only late.
  if (held?.status !== 'running' || held.place !== running.place) return 0
  const taken = looked.matches.slice(0, room)
  const handedOut = await kinds[held.kind].handOut(db, taken, deps)
  const before = handedOut.left ?? looked.matches[room]
  const passed = passedBefore(looked.ids, before)
  const isDone = isOver(looked)
  const progress = {
    ...held,
    place: passed.at(-1) ?? held.place,
    looked: held.looked + passed.length,
    handedOut: held.handedOut + handedOut.ids.length,
    waiting: JSON.stringify([...waiting, ...handedOut.ids]),
    ...(isDone && { status: 'done' as const, finishDate: now }),
  }
  db.foundBy(store.cameTo(progress))
  await store.update(db, progress)
  if (isDone) {
    const data = { handed_out: progress.handedOut }
    const type = 'redelivery.finished' as const
    await append(db, [{ id: newId('evt'), type, subject: held.id, time: now, data }])
  }
  return handedOut.left || handedOut.ids.length > 0 ? pauseMs : 0
}

function passedBefore(ids: string[], first: Match | undefined): string[] {
  return first === undefined ? ids : ids.filter((id) => id < first.id)
}
