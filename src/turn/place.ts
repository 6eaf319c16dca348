import type { Db } from '../platform/database/index.ts'
import * as store from './store.ts'

/**
 * Writes down the numbers that events have got, some at a time; whether that were all. For one unit
 * at a time.
 */
export async function placeNumbered(db: Db, most: number): Promise<boolean> {
  const ids = await store.numbered(db, most)
  if (ids.length > 0) await store.place(db, ids)
  return ids.length < most
}
