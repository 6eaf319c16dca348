import type { Command } from 'commander'
import { printList } from '../print.ts'

export default function add(program: Command): void {
  const bank = program.command('bank').description("the banks' doors")
  bank
    .command('list')
    .description('list the banks, their paths and how they prove who they are')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { banks, openBanks } = await import('../../src/intake/index.ts')
      const { loadSettings, settings } = await import('../../src/platform/config/index.ts')
      const config = loadSettings(settings, process.env)
      const doors = openBanks({ ...config, host: '127.0.0.1' }, process.env)
      const rows = banks.map(({ name }, i) => ({
        name,
        path: `POST /${name}`,
        credentials: Object.values(doors[i]?.door.settings ?? {}).some((value) => value !== null)
          ? 'set'
          : 'none, so on loopback only',
      }))
      printList(rows, ['name', 'path', 'credentials'], options)
    })
}
