import type { Command } from 'commander'
import { withGiro } from '../giro.ts'
import { runningLog, runUntilStopped } from '../run.ts'

export default function add(program: Command): void {
  program
    .command('run-payment-processor')
    .description('run the daemon that tells partners of payments and archives the proofs')
    .action(() =>
      withGiro(async (giro) => {
        const started = () => giro.log.info('payment processor running')
        await runUntilStopped([giro.daemon()], giro.log, started)
      }, runningLog()),
    )
}
