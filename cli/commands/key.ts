import { type Command, Option } from 'commander'
import { viewKey } from '../../src/access/index.ts'
import { withGiro } from '../giro.ts'
import { printList, printOne, say } from '../print.ts'

const scopes = `
read reads everything, admin may change it too. partner is for a partner itself: it reads its own
payments, deliveries, routes and events, asks for redelivery, and rotates its routes' secrets.`

export default function add(program: Command): void {
  const key = program.command('key').description('keys for the API: of operators and of partners')

  key
    .command('create')
    .description('create an API key; it is printed this once')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(
      new Option('--scope <scope>', 'what it may do')
        .choices(['admin', 'read', 'partner'])
        .default('read'),
    )
    .option('--partner <partner>', 'whose it is, with the scope partner')
    .option('--json', 'print JSON')
    .addHelpText('after', scopes)
    .action(({ name, scope, partner: account_id, ...options }) =>
      withGiro(async ({ keys }) => {
        printOne(await keys.create({ name, scope, account_id }), options)
      }),
    )

  key
    .command('list')
    .description('list API keys, newest first')
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ keys }) => {
        const rows = (await keys.list()).map(viewKey)
        const columns = ['id', 'name', 'scope', 'create_date', 'revoke_date', 'account_id']
        printList(rows, columns, options)
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
