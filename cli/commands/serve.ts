import cluster from 'node:cluster'
import type { Command } from 'commander'
import { processesOption } from '../options.ts'

export default function add(program: Command): void {
  program
    .command('serve')
    .description("serve HTTP: the banks' doors, the operator API, /healthz, /readyz and /metrics")
    .addOption(processesOption())
    .action(async ({ processes }: { processes: number }) => {
      const { serveAlone, serveAsWorker, serveWithWorkers } = await import('../serve.ts')
      if (cluster.isWorker) await serveAsWorker()
      else if (processes === 1) await serveAlone()
      else await serveWithWorkers(processes)
    })
}
