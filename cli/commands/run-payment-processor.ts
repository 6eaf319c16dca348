import type { Command } from 'commander'
import { runningLog, runUntilStopped } from '../run.ts'

export default function add(program: Command): void {
  program
    .command('run-payment-processor')
    .description('run the daemon that tells partners of payments and archives the proofs')
    .action(async () => {
      const { openGiro } = await import('../../src/compose.ts')
      const log = await runningLog()
      const giro = await openGiro(process.env, log)
      await runUntilStopped([giro.daemon()], log, () => log.info('payment processor running'))
      await giro.close()
    })
}
