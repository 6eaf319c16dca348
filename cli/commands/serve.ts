import type { Command } from 'commander'
import { withGiro } from '../giro.ts'
import { runningLog, runUntilStopped } from '../run.ts'

export default function add(program: Command): void {
  program
    .command('serve')
    .description("serve HTTP: the banks' doors, the operator API, /healthz, /readyz and /metrics")
    .action(() =>
      withGiro(async (giro) => {
        const { log } = giro
        const api = giro.api()
        await runUntilStopped([api], log, () => log.info({ url: api.url() }, 'listening'))
      }, runningLog()),
    )
}
