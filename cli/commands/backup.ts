import { resolve } from 'node:path'
import type { Command } from 'commander'
import { loadSettings, placeOf, settings } from '../../src/platform/config/index.ts'
import { UserError } from '../../src/platform/problem.ts'
import { printOne, say } from '../print.ts'
import { createProgress } from '../progress.ts'

export default function add(program: Command): void {
  program
    .command('backup')
    .description('copy the database into a file and check it, while Giro runs (SQLite)')
    .argument('<file>', 'a file that does not exist yet')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The spool and the list of proofs are in it. The key (SECRET_KEY or secret.key) is not, nor are the
proofs in PROOF_STORE: keep the key apart, and where that is a folder, copy it after the database.`,
    )
    .action(async (file: string, options) => {
      const place = placeOf(loadSettings(settings, process.env))
      const { backUp, ownTools } = await import('../../src/upkeep/index.ts')
      if (place.dialect !== 'sqlite') throw new UserError(ownTools(place))
      const { schema } = await import('../../src/compose.ts')
      const { step, end } = createProgress()
      const to = resolve(file)
      const done = await backUp({ from: place.file, to, schema, step }).finally(end)
      const { rows, bytes, state, tables } = done
      if (options.json) printOne({ file: to, bytes, rows, state, tables }, options)
      else say(`Backed up ${rows} rows in ${bytes} bytes to ${to}. The key is not in it.`)
    })
}
