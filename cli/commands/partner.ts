import type { Command } from 'commander'
import type { Giro } from '../../src/compose.ts'
import {
  listPartners,
  partnersById,
  routesOf,
  showRoutes,
  viewPartner,
} from '../../src/party/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { withGiro } from '../giro.ts'
import { limitOption } from '../options.ts'
import { printList, printOne, say } from '../print.ts'

export default function add(program: Command): void {
  const partner = program.command('partner').description('partners: whom payments are for')

  partner
    .command('list')
    .description('list partners, newest first')
    .addOption(limitOption())
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ database, lanes }) => {
        const rows = await database.read(async (db) => {
          const partners = await listPartners(db, options.limit, null)
          const routes = await routesOf(
            db,
            partners.map(({ accountId }) => accountId),
          )
          const shown = await showRoutes(db, routes, lanes)
          return partners.map((one) => viewPartner(one, shown))
        })
        const shown = rows.map((row) => ({ ...row, routes: row.routes.length }))
        const columns = ['account_id', 'name', 'routes', 'create_date']
        printList(options.json ? rows : shown, columns, options)
      }),
    )

  partner
    .command('show')
    .description('show a partner and its routes')
    .argument('<id>', "the partner's account")
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async (giro) => printOne(await shownPartner(giro, id), options)),
    )
  addChanges(partner)
}

const contactHelp = 'whom to write to when the routes of the partner fail'

function addChanges(partner: Command): void {
  partner
    .command('create')
    .description('create a partner')
    .argument('<id>', "the partner's account, as banks will send it")
    .requiredOption('--name <name>', 'what people call it')
    .option('--contact-email <address>', contactHelp)
    .option('--json', 'print JSON')
    .action((id: string, { name, contactEmail: contact_email, ...options }) =>
      withGiro(async ({ parties }) => {
        const created = await parties.createPartner({ account_id: id, name, contact_email })
        printOne(viewPartner(created, []), options)
      }),
    )

  partner
    .command('change')
    .description('change the name of a partner, or whom to write to')
    .argument('<id>', "the partner's account")
    .option('--name <name>', 'what people call it')
    .option('--contact-email <address>', contactHelp)
    .option('--no-contact-email', 'nobody is to be written to')
    .option('--json', 'print JSON')
    .action((id: string, { name, contactEmail, ...options }) =>
      withGiro(async (giro) => {
        const contact_email = contactEmail === false ? null : contactEmail
        await giro.parties.changePartner(id, { name, contact_email })
        printOne(await shownPartner(giro, id), options)
      }),
    )

  partner
    .command('delete')
    .description('delete a partner that no payment names, and its routes')
    .argument('<id>', "the partner's account")
    .action((id: string) =>
      withGiro(async ({ parties }) => {
        await parties.deletePartner(id)
        say(`Deleted the partner ${id}.`)
      }),
    )
}

function shownPartner({ database, lanes }: Giro, id: string) {
  return database.read(async (db) => {
    const found = (await partnersById(db, [id])).get(id)
    if (!found) throw new Refused('not_found', `There is no partner ${id}.`)
    return viewPartner(found, await showRoutes(db, await routesOf(db, [id]), lanes))
  })
}
