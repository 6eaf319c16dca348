import type { Command } from 'commander'
import { listPayers, payersById, viewPayer } from '../../src/party/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { withGiro } from '../giro.ts'
import { limitOption } from '../options.ts'
import { printList, printOne, say } from '../print.ts'

export default function add(program: Command): void {
  const payer = program.command('payer').description('payers: whose references banks send')

  payer
    .command('list')
    .description('list payers, newest first')
    .addOption(limitOption())
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ database }) => {
        const rows = await database.read((db) => listPayers(db, options.limit, null))
        printList(rows.map(viewPayer), ['id', 'name', 'create_date'], options)
      }),
    )

  payer
    .command('show')
    .description('show a payer')
    .argument('<id>', "the payer's reference")
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ database }) => {
        const found = (await database.read((db) => payersById(db, [id]))).get(id)
        if (!found) throw new Refused('not_found', `There is no payer ${id}.`)
        printOne(viewPayer(found), options)
      }),
    )

  payer
    .command('create')
    .description('create a payer')
    .argument('<id>', "the payer's reference, as banks will send it")
    .requiredOption('--name <name>', 'what people call it')
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ parties }) => {
        printOne(viewPayer(await parties.createPayer({ id, name: options.name })), options)
      }),
    )

  payer
    .command('change')
    .description('change the name of a payer')
    .argument('<id>', "the payer's reference")
    .requiredOption('--name <name>', 'what people call it')
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ parties }) => {
        printOne(viewPayer(await parties.changePayer(id, { name: options.name })), options)
      }),
    )

  payer
    .command('delete')
    .description('delete a payer that no payment names')
    .argument('<id>', "the payer's reference")
    .action((id: string) =>
      withGiro(async ({ parties }) => {
        await parties.deletePayer(id)
        say(`Deleted the payer ${id}.`)
      }),
    )
}
