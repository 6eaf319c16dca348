import type { Command } from 'commander'
import { say } from '../print.ts'

export default function add(program: Command): void {
  program
    .command('create-db')
    .description('create the database, or bring its tables up to date; safe to repeat')
    .action(async () => {
      const { createDatabase } = await import('../../src/compose.ts')
      const done = await createDatabase(process.env)
      say(done.length === 0 ? 'The database is up to date.' : `Created: ${done.join(', ')}.`)
    })
}
