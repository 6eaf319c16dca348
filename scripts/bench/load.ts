import { check } from './case.ts'
import type { Asked, Loaded } from './programs/load.ts'
import { startProgram } from './started.ts'

/** A door under load, and how quick it was the last time: the next round is sized by it. */
export type Door = {
  url: string
  connections: number
  rate: number
  accepted: number
  /** Whom the payments are for, in turn; by default the first partner. */
  partners?: string[]
}

/**
 * Opens a door for measuring: first until its code is compiled, then for the rate. A round is a
 * number of notices, so that each one is answered and counted, not cut off at the end of a time.
 */
export async function warmDoor(
  url: string,
  connections: number,
  partners?: string[],
): Promise<Door> {
  const door = { url, connections, rate: 0, accepted: 0, ...(partners && { partners }) }
  const { rate } = await load(door, connections * 60)
  await load(door, Math.ceil(rate * 2))
  return door
}

export function loadFor(door: Door, seconds: number): Promise<Loaded> {
  return load(door, Math.ceil(door.rate * seconds))
}

/** Sends so many notices from a process of its own; each must be answered 201. */
export async function load(door: Door, amount: number): Promise<Loaded> {
  const { url, connections, partners = ['partner1'] } = door
  const asked: Asked = { url, connections, amount: Math.max(amount, connections), partners }
  const generator = startProgram('./programs/load.ts', { args: [JSON.stringify(asked)] })
  const loaded = await generator.answer<Loaded>()
  await generator.stop()
  check(
    loaded.accepted === asked.amount,
    `${asked.amount} notices were sent and ${loaded.accepted} answered 201`,
  )
  door.rate = loaded.rate
  door.accepted += loaded.accepted
  return loaded
}
