import type { Command } from 'commander'
import { runningLog, runUntilStopped } from '../run.ts'

export default function add(program: Command): void {
  program
    .command('sample-partner')
    .description('run a partner that verifies and prints what it is told')
    .action(async () => {
      const { samplePartner } = await import('../sample-partner.ts')
      const log = await runningLog()
      if (process.send) obeyOnlyTheParent()
      const quiet = log.child({}, { level: 'warn' })
      const ready = () => process.send?.('ready')
      try {
        await runUntilStopped([samplePartner(process.env, log)], quiet, ready)
      } finally {
        leaveTheParent()
      }
    })
}

/** It hears what is still delivered after a Ctrl-C, and does not outlive its parent. */
function obeyOnlyTheParent(): void {
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}

/** The connection to the parent would keep a process alive that has nothing more to do. */
function leaveTheParent(): void {
  process.removeAllListeners('disconnect')
  if (process.connected) process.disconnect()
}
