import type { Command } from 'commander'
import { runningLog, runUntilStopped } from '../run.ts'

export default function add(program: Command): void {
  program
    .command('sample-partner')
    .description('run a partner that verifies and prints what it is told')
    .action(async () => {
      const { samplePartner } = await import('../sample-partner.ts')
      const log = await runningLog()
      // Started by another program, it does not outlive it.
      if (process.send) process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
      await runUntilStopped([samplePartner(process.env, log)], log, () => process.send?.('ready'))
      if (process.connected) process.disconnect()
    })
}
