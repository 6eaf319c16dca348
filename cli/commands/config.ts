import type { Command } from 'commander'
import { printList } from '../print.ts'

export default function add(program: Command): void {
  program
    .command('config')
    .description('show every setting: its value, where it is from, what it is for')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { allSettings } = await import('../../src/compose.ts')
      const { showSettings } = await import('../../src/platform/config/index.ts')
      const rows = showSettings(allSettings, process.env)
      printList(rows, ['name', 'value', 'source', 'help'], options)
    })
}
