import type { Giro } from '../src/compose.ts'
import { sleep } from '../src/platform/clock.ts'
import { Refused } from '../src/platform/problem.ts'
import {
  type Redelivery,
  redeliveryById,
  viewRedelivery,
  type Wanted,
} from '../src/redelivery/index.ts'
import { printOne, say } from './print.ts'
import { createProgress } from './progress.ts'

export type AskOptions = { dryRun?: boolean; wait?: boolean; json?: boolean }

export const behind = `
The payment processor does it, in small steps behind what comes in meanwhile; it goes on after a
restart. manage redelivery show says how far it is, manage redelivery cancel ends it. What is being
sent, or due already, is left alone.`

/** Says how many it would be, or has it done. */
export async function askForMany(giro: Giro, wanted: Wanted, options: AskOptions): Promise<void> {
  const { dryRun = false, wait = false, json } = options
  if (dryRun) {
    const { count, exact } = await giro.redeliveries.count(wanted)
    if (json) printOne({ count, exact }, { json })
    else say(`To deliver: ${exact ? '' : 'at least '}${count}.`)
    return
  }
  const started = await giro.redeliveries.start(wanted)
  printOne(viewRedelivery(wait ? await finished(giro, started.id) : started), options)
}

/** A redelivery that must be there. */
export async function redeliveryOf({ database }: Giro, id: string): Promise<Redelivery> {
  const found = await database.read((db) => redeliveryById(db, id))
  if (!found) throw new Refused('not_found', `There is no redelivery ${id}.`)
  return found
}

const lookAgainMs = 250

/** A redelivery once it is done or canceled; Ctrl-C ends the waiting, not the redelivery. */
export async function finished(giro: Giro, id: string): Promise<Redelivery> {
  const { step, end } = createProgress()
  try {
    for (;;) {
      const found = await redeliveryOf(giro, id)
      if (found.status !== 'running') return found
      step(`${found.handedOut} made due, ${found.looked} looked at`)
      await sleep(lookAgainMs)
    }
  } finally {
    end()
  }
}
