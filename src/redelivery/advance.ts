import { deliveriesById } from '../delivery/index.ts'
import { append } from '../event/index.ts'
import type { Database, Db } from '../platform/database/index.ts'
import { hold } from '../platform/lease.ts'
import type { Tools } from '../platform/tools.ts'
import { type HandOut, handOutAgain, handOutFirst } from './hand-out.ts'
import { lookForDeliveries, lookForPayments } from './look.ts'
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
  const seen = await database.read((db) => look(db, deps.most))
  if (seen === null) return idleMs
  const { waiting, room, looked } = seen
  const isOver = looked.isLast && looked.matches.length === 0
  if (room === 0 || (isOver && waiting.length > 0)) return pauseMs
  const restMs = await database.write((db) => moveOn(db, { ...seen, isOver }, deps))
  // The intake has its turn: on SQLite there is one writer at a time.
  return Math.max(restMs, clock.now() - begun)
}

type Seen = { running: Redelivery; waiting: string[]; room: number; looked: Looked }

async function look(db: Parameters<Look>[0], most: number): Promise<Seen | null> {
  const running = await store.firstRunning(db)
  if (!running) return null
  const handedOut = await deliveriesById(db, JSON.parse(running.waiting))
  const waiting = [...handedOut.values()].filter(waits).map(({ id }) => id)
  const room = Math.max(0, most - waiting.length)
  const looked =
    room === 0
      ? { ids: [], matches: [], isLast: false }
      : await kinds[running.kind].look(db, running, stepSize)
  return { running, waiting, room, looked }
}

/** Hands out what there is room for, and writes down how far it came; how long to rest. */
async function moveOn(
  db: Db,
  { running, waiting, room, looked, isOver }: Seen & { isOver: boolean },
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
  const progress = {
    ...held,
    place: passed.at(-1) ?? held.place,
    looked: held.looked + passed.length,
    handedOut: held.handedOut + handedOut.ids.length,
    waiting: JSON.stringify([...waiting, ...handedOut.ids]),
    ...(isOver && { status: 'done' as const, finishDate: now }),
  }
  db.foundBy(store.cameTo(progress))
  await store.update(db, progress)
  if (isOver) {
    const data = { handed_out: progress.handedOut }
    const type = 'redelivery.finished' as const
    await append(db, [{ id: newId('evt'), type, subject: held.id, time: now, data }])
  }
  return handedOut.left || handedOut.ids.length > 0 ? pauseMs : 0
}

function passedBefore(ids: string[], first: Match | undefined): string[] {
  return first === undefined ? ids : ids.filter((id) => id < first.id)
}
