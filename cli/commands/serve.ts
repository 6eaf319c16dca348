import type { Command } from 'commander'
import { runningLog, runUntilStopped } from '../run.ts'

export default function add(program: Command): void {
  program
    .command('serve')
    .description("serve HTTP: the banks' doors, the operator API, /healthz, /readyz and /metrics")
    .action(async () => {
      const { openGiro } = await import('../../src/compose.ts')
      const log = await runningLog()
      const giro = await openGiro(process.env, log)
      const api = giro.api()
      await runUntilStopped([api], log, () => log.info({ url: api.url() }, 'listening'))
      await giro.close()
    })
}
