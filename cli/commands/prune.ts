import { type Command, InvalidArgumentError } from 'commander'
import { prune } from '../../src/delivery/index.ts'
import { fromIso, systemClock, toIso } from '../../src/platform/clock.ts'
import { withGiro } from '../giro.ts'
import { printOne, say } from '../print.ts'
import { createProgress } from '../progress.ts'

export default function add(program: Command): void {
  program
    .command('prune')
    .description('remove the attempts of deliveries that were finished long ago')
    .requiredOption('--before <date>', 'a date, or a date-time with its zone', past)
    .option('--dry-run', 'remove nothing, and say how many it would be')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Proofs, money, payments, deliveries and events are never removed, nor are idempotency keys: without
its key, a notice that a bank sends again would be a second payment. It may be run beside
everything else, be interrupted, and be repeated.`,
    )
    .action(({ before, dryRun = false, json }) =>
      withGiro(async ({ database }) => {
        const { step, end } = createProgress()
        const found = (count: number) => step(`${count} attempts`)
        const given = { database, clock: systemClock, before, dryRun, found }
        const attempts = await prune(given).finally(end)
        if (json) printOne({ before: toIso(before), dry_run: dryRun, attempts }, { json })
        else say(`${dryRun ? 'To remove' : 'Removed'}: ${attempts} attempts.`)
      }),
    )
}

const form = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** A date alone is its beginning in UTC. */
function past(text: string): number {
  const [, day = ''] = form.exec(text) ?? []
  const time = fromIso(text)
  const isOne = day !== '' && !Number.isNaN(time) && toIso(fromIso(day)).startsWith(day)
  if (!isOne) throw new InvalidArgumentError('It must be like 2026-01-31 or 2026-01-31T12:00Z.')
  if (time > systemClock.now()) throw new InvalidArgumentError('It must not be in the future.')
  return time
}
