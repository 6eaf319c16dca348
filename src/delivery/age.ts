import { append, type NewEvent } from '../event/index.ts'
import { disableRoute, routesById } from '../party/index.ts'
import { toIsoOrNull } from '../platform/clock.ts'
import type { Db } from '../platform/database/index.ts'
import type { Tools } from '../platform/tools.ts'
import { forever, heldBy, isDisabled, type Lane, type Rules } from './breaker.ts'
import type { Tried } from './record.ts'
import { lengthText, newWarnings } from './warning.ts'
import { insertWarnings } from './warning-store.ts'

/** A lane before and after its tries, on a route that is judged by how long it fails. */
export type Change = { before: Lane; after: Lane; own: Tried[] }

type Deps = Tools & { rules: Rules }

const atTheEnd = 100

/** The lane of a route that was disabled. */
export function ended(lane: Lane, reason: string): Lane {
  return { ...heldBy(lane, forever), reason, warned: atTheEnd }
}

/** Holds the routes whose time may be over: whoever holds a route and its lane begins with it. */
export async function holdOld(db: Db, seen: Lane[], { rules, clock }: Deps): Promise<void> {
  const isOld = ({ failingSince, warned }: Lane) =>
    failingSince !== null &&
    warned !== atTheEnd &&
    clock.now() - failingSince >= rules.disableAfterMs
  const ids = seen.filter(isOld).map(({ routeId }) => routeId)
  for (const id of ids.toSorted()) await routesById(db, [id], db.held('change'))
}

/** Disables a route whose time is over; of one that is disabled already nothing is told. */
export async function disableOld(db: Db, change: Change, deps: Deps): Promise<Change> {
  const { before, after, own } = change
  const untold = { ...change, after: { ...after, warned: before.warned } }
  if (isDisabled(before)) return untold
  const route = own[0]?.route
  if (!route || !isWarned(change) || after.warned !== atTheEnd || isDisabled(after)) return change
  const length = lengthText(deps.rules.disableAfterMs)
  const reason = `no attempt got through for ${length}; the last: ${lastError(own)}`
  if (!(await disableRoute(db, route, reason, deps))) return untold
  return { ...change, after: ended(after, reason) }
}

function isWarned({ before, after }: Change): boolean {
  return (after.warned ?? 0) > (before.warned ?? 0)
}

function lastError(own: Tried[]): string | null {
  return own.findLast(({ sent }) => !sent.delivered)?.sent.error ?? null
}

/** Tells how much of its time a route has failed, where that is more than before. */
export async function warn(db: Db, changes: Change[], { clock, newId }: Tools): Promise<void> {
  const now = clock.now()
  const said = changes.filter(isWarned).flatMap(({ after, own }) => {
    const { warned: share, failingSince } = after
    const route = own[0]?.route
    if (!route || share === null) return []
    const { id: routeId, accountId, contactPath } = route
    const reason = isDisabled(after) ? after.reason : lastError(own)
    return [{ routeId, accountId, contactPath, share, failingSince, reason }]
  })
  const events = said.map(({ routeId, accountId, share, failingSince, reason }): NewEvent => {
    const failing_since = toIsoOrNull(failingSince)
    const data = { account_id: accountId, share, failing_since, reason }
    return { id: newId('evt'), type: 'route.failing', subject: routeId, time: now, data }
  })
  await append(db, events)
  await insertWarnings(
    db,
    said.flatMap((one) => newWarnings(one, newId, now)),
  )
}
