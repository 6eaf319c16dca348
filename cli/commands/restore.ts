import { resolve } from 'node:path'
import type { Command } from 'commander'
import {
  type Config,
  loadSettings,
  pathOf,
  placeOf,
  settings,
} from '../../src/platform/config/index.ts'
import { UserError } from '../../src/platform/problem.ts'
import { hasSecretKey, keptSecretKey } from '../../src/platform/secret.ts'
import { printOne, say } from '../print.ts'
import { createProgress } from '../progress.ts'

export default function add(program: Command): void {
  program
    .command('restore')
    .description('put a backup where no database is (SQLite)')
    .argument('<file>', 'what manage backup has made')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It never writes over a database, and needs the key that the backup's database had, in SECRET_KEY or
in DATA_DIR/secret.key. What was delivered after the backup is delivered again.`,
    )
    .action(async (file: string, options) => {
      const config = loadSettings(settings, process.env)
      const place = placeOf(config)
      const { restore, ownTools } = await import('../../src/upkeep/index.ts')
      if (place.dialect !== 'sqlite') throw new UserError(ownTools(place))
      const { schema } = await import('../../src/compose.ts')
      const { step, end } = createProgress()
      const given = { from: resolve(file), to: place.file, key: keyOf(config), schema, step }
      const { rows, bytes, state, tables } = await restore(given).finally(end)
      if (options.json) printOne({ file: place.file, bytes, rows, state, tables }, options)
      else say(`Restored ${rows} rows in ${bytes} bytes to ${place.file}.${todo[state]}`)
    })
}

const todo = {
  current: '',
  behind: ' It is of an older Giro: run manage create-db before anything else.',
}

/** No key is made here, since a new one could not be the right one. */
function keyOf({ secretKey, dataDir }: Config): Buffer | undefined {
  const folder = pathOf(dataDir)
  return secretKey ?? (hasSecretKey(folder) ? keptSecretKey(folder) : undefined)
}
