import { z } from 'zod'
import type { Db, Reads } from '../platform/database/index.ts'
import type { Route } from './party.ts'

/** How it stands with what is to be sent on a route, as it is shown. */
export const laneJson = z
  .object({
    state: z
      .enum(['closed', 'held', 'open', 'half_open', 'disabled'])
      .describe(
        'closed: it sends; held: it rests for a moment; open: it failed too often and sends ' +
          'nothing; half_open: one attempt decides; disabled: its route is',
      ),
    until: z.iso.datetime().nullable().describe('nothing is sent before'),
    failures: z.number().int().describe('in a row'),
    failing_since: z.iso
      .datetime()
      .nullable()
      .describe('no attempt got through since; it begins anew when its route is enabled again'),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Lane' })

export type LaneJson = z.output<typeof laneJson>

/** The lanes of routes, which are kept where they are sent; compose knows who to ask. */
export type Lanes = {
  /** A route is so from now on; `before` is how it was. */
  saved(db: Db, route: Route, before: Route | null): Promise<void>
  removed(db: Db, routeId: string): Promise<void>
  /** As they are now, one for each id. */
  view(db: Reads, routeIds: string[]): Promise<Map<string, LaneJson>>
}
