import { type Command, Option } from 'commander'
import { viewKey } from '../../src/access/index.ts'
import { withGiro } from '../giro.ts'
import { printList, printOne, say } from '../print.ts'

export default function add(program: Command): void {
  const key = program.command('key').description('keys for the operator API')

  key
    .command('create')
    .description('create an API key; it is printed this once')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(
      new Option('--scope <scope>', 'what it may do').choices(['admin', 'read']).default('read'),
    )
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ keys }) => {
        printOne(await keys.create(options.name, options.scope), options)
      }),
    )

  key
    .command('list')
    .description('list API keys, newest first')
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ keys }) => {
        const rows = (await keys.list()).map(viewKey)
        printList(rows, ['id', 'name', 'scope', 'create_date', 'revoke_date'], options)
      }),
    )

  key
    .command('revoke')
    .description('revoke an API key; it stops working at once')
    .argument('<id>', "the key's id")
    .action((id: string) =>
      withGiro(async ({ keys }) => {
        await keys.revoke(id)
        say(`Revoked the key ${id}.`)
      }),
    )
}
