import type { Command } from 'commander'
import { prune } from '../../src/delivery/index.ts'
import { systemClock, toIso } from '../../src/platform/clock.ts'
import { withGiro } from '../giro.ts'
import { past } from '../options.ts'
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
