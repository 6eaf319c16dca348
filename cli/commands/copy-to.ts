import type { Command } from 'commander'
import {
  databaseUrl,
  loadSettings,
  placeOf,
  setting,
  settings,
  withoutPassword,
} from '../../src/platform/config/index.ts'
import { UserError } from '../../src/platform/problem.ts'
import { printOne, say } from '../print.ts'
import { createProgress } from '../progress.ts'

export default function add(program: Command): void {
  program
    .command('copy-to')
    .description('copy everything into another database, and prove that it is the same')
    .argument('<url>', 'where to, as DATABASE_URL would say it: a database without data')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Stop all that writes to the source before: serve, start, run-payment-processor. The target cannot be
opened until the copy is whole. A copy that was interrupted goes on when the same is run again, and
one that is whole is compared again. The archive of proofs and the key are not copied.`,
    )
    .action(async (url: string, options) => {
      const { json } = options
      const config = loadSettings(settings, process.env)
      const { target } = loadSettings({ target: targetSetting }, { '<url>': url })
      if (target === null) throw new UserError('Name the database to copy to; see --help.')
      const connections = { databaseConnections: config.databaseConnections }
      const { copyTo } = await import('../../src/upkeep/index.ts')
      const { schema } = await import('../../src/compose.ts')
      const { step, end } = createProgress()
      const done = await copyTo({
        from: placeOf(config),
        to: placeOf({ databaseUrl: target, ...connections }),
        name: withoutPassword(config.databaseUrl),
        schema,
        step,
        copied(table, rows) {
          end()
          if (!json) say(`${table}: ${rows} rows`)
        },
      }).finally(end)
      const to = withoutPassword(target)
      if (json) return printOne({ to, ...done }, options)
      const rows = done.tables.reduce((sum, one) => sum + one.rows, 0)
      say(`${sentences[done.state]} ${rows} rows are the same in ${to}, and the books balance.`)
      say('To go on there, set DATABASE_URL to it and SECRET_KEY to the key of this database.')
    })
}

const targetSetting = setting({
  env: '<url>',
  parse: databaseUrl,
  show: withoutPassword,
  help: 'where to copy',
})

const sentences = { copied: 'Copied:', same: 'It was there already:' }
