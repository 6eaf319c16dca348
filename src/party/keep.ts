import { append, type EventType } from '../event/index.ts'
import type { Database, Db } from '../platform/database/index.ts'
import type { Guard } from '../platform/outbound/index.ts'
import type { Vault } from '../platform/secret.ts'
import type { Tools } from '../platform/tools.ts'
import { keepPartners } from './keep-partners.ts'
import { keepPayers } from './keep-payers.ts'
import { keepRoutes } from './keep-routes.ts'
import { keepSecrets } from './keep-secrets.ts'
import type { Lanes } from './lane.ts'
import type { Route } from './party.ts'

/** Says whether payments or deliveries refer to a party; compose knows who to ask. */
export type InUse = {
  payer(db: Db, id: string): Promise<boolean>
  partner(db: Db, accountId: string): Promise<boolean>
  route(db: Db, id: string): Promise<boolean>
}

/**
 * Called inside the transaction that gives a route another ordering, when its event is written: by
 * the first row that it writes a unit is found again, and what this writes need not stay.
 */
export type OnOrdered = (db: Db, route: Route, now: number) => Promise<void>

type Deps = Tools & {
  database: Database
  vault: Vault
  guard: Guard
  inUse: InUse
  lanes: Lanes
  /** No attempt on a route may take so long. */
  leaseMs: number
  onOrdered: OnOrdered
  /** Called inside the transaction that removes a partner. */
  onPartnerRemoved: (db: Db, accountId: string) => Promise<void>
}

export type KeepDeps = Deps & { tell: Tell }

/** Writes what became of a party, in the transaction in which it became so. */
type Tell = (
  db: Db,
  type: EventType,
  subject: string,
  data: Record<string, unknown>,
) => Promise<void>

export type Parties = ReturnType<typeof createParties>

/** Keeps the register of who is who. Each change and its event are one transaction. */
export function createParties(deps: Deps) {
  const { clock, newId } = deps
  const tell: Tell = (db, type, subject, data) =>
    append(db, [{ id: newId('evt'), type, subject, time: clock.now(), data }])
  const keeping = { ...deps, tell }
  return {
    ...keepPayers(keeping),
    ...keepPartners(keeping),
    ...keepRoutes(keeping),
    ...keepSecrets(keeping),
  }
}
