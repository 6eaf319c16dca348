import type { Command } from 'commander'
import { withGiro } from '../giro.ts'
import { say } from '../print.ts'

export default function add(program: Command): void {
  program
    .command('create-sample-data')
    .description('fill in payer1 and partner1 with a route to the sample partner; safe to repeat')
    .action(() =>
      withGiro(async (giro) => {
        const { createSampleData } = await import('../sample-data.ts')
        const made = await createSampleData(giro)
        say(made.length === 0 ? 'The sample data is there.' : `Created: ${made.join(', ')}.`)
      }),
    )
}
