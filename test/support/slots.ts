import { createSlots, type Slots } from '../../src/delivery/slots.ts'
import { column, sql } from '../../src/platform/database/index.ts'
import type { Road } from './road.ts'

/** So many slots of a daemon that has told these routes something before. */
export function knowing(total: number, routeIds: string[]): Slots {
  const slots = createSlots(total)
  for (const routeId of routeIds) {
    slots.take({ routeId, concurrency: 1 })
    slots.release(routeId, { delivered: true })
  }
  return slots
}

/** Slots of a daemon that knows all routes of a road. */
export async function slotsOn({ database }: Road, total: number): Promise<Slots> {
  const rows = await database.read((db) =>
    db.rows({ id: column.text(40) }, sql`SELECT id FROM routes ORDER BY id`),
  )
  return knowing(
    total,
    rows.map(({ id }) => id),
  )
}
