import type { Command } from 'commander'
import { printList, printOne, say } from '../print.ts'

export default function add(program: Command): void {
  const db = program.command('db').description('the database')
  db.command('status')
    .description('say what the database is and whether its tables are those of this Giro')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExits with 1 where the tables are not those of this Giro.')
    .action(async (options) => {
      const { databaseStatus } = await import('../../src/compose.ts')
      const status = await databaseStatus(process.env)
      if (options.json) printOne(status, options)
      else {
        printList(status.migrations, ['name', 'state'], options)
        say(`${status.database} ${status.version}: ${sentences[status.state]}`)
      }
      if (status.state !== 'current') process.exitCode = 1
    })
}

const sentences = {
  current: 'the tables are those of this Giro.',
  behind: 'the tables are not up to date; run manage create-db.',
  newer: 'the tables are those of a newer Giro; run that one.',
}
