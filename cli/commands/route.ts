import { type Command, Option } from 'commander'
import { viewTested } from '../../src/delivery/index.ts'
import {
  digests,
  notifyMethods,
  orderings,
  partnersById,
  routesOf,
  schemes,
  viewRotation,
  viewRoute,
} from '../../src/party/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { wantedReplay } from '../../src/redelivery/index.ts'
import { withGiro } from '../giro.ts'
import { dateArgument, headerOption, overlapOption } from '../options.ts'
import { printList, printOne, say } from '../print.ts'
import { type AskOptions, askForMany, behind } from '../redeliver.ts'
import { identity, identityHelp, withIdentity } from '../route-identity.ts'

const whereTo = `
A URL leads to a public address, or to a network in OUTBOUND_ALLOW; OUTBOUND_PORTS and
OUTBOUND_HTTPS_ONLY say what else it must be.`

const overlapping = `
Webhooks carry a signature for each secret until the overlap ends, so the partner verifies with
either. --overlap 0 ends the old secrets at once, also those of rotations before: for a secret that
others may know.`

export default function add(program: Command): void {
  const route = program.command('route').description('routes: how a partner is told')

  route
    .command('list')
    .description('list the routes of a partner')
    .argument('<partner>', "the partner's account")
    .option('--json', 'print JSON')
    .action((partner: string, options) =>
      withGiro(async ({ database }) => {
        const rows = await database.read(async (db) => {
          if (!(await partnersById(db, [partner])).has(partner))
            throw new Refused('not_found', `There is no partner ${partner}.`)
          return (await routesOf(db, [partner])).map(viewRoute)
        })
        printList(rows, ['id', 'notify_method', 'contact_path', 'ordering', 'enabled'], options)
      }),
    )

  addCreation(route)

  withIdentity(route.command('change'))
    .description('change where a route leads, in which order, or whether new payments take it')
    .argument('<partner>', "the partner's account")
    .argument('<route>', "the route's id")
    .option('--to <where>', 'URL to POST to, e-mail address or phone number')
    .addOption(headerOption('further headers instead of those that were there'))
    .addOption(new Option('--no-headers', 'no further headers').conflicts('header'))
    .addOption(orderingOption())
    .addOption(digestOption())
    .option('--no-digest', 'an e-mail for each payment')
    .option('--enable', 'new payments take it')
    .addOption(new Option('--disable', 'new payments do not take it').conflicts('enable'))
    .option('--no-auth', 'no authorization')
    .option('--no-certificate', 'no certificate of ours')
    .option('--json', 'print JSON')
    .addHelpText('after', `${whereTo}\n${identityHelp}`)
    .action((partner: string, id: string, options) =>
      withGiro(async ({ parties }) => {
        const enabled = options.enable ? true : options.disable ? false : undefined
        const headers = options.headers ? options.header : {}
        const digest = options.digest === false ? null : options.digest
        const { to: contact_path, ordering } = options
        const own = { headers, digest, ordering, ...identity(options) }
        const change = { contact_path, enabled, ...own }
        printOne(viewRoute(await parties.changeRoute(partner, id, change)), options)
      }),
    )

  addRotation(route)
  addReplay(route)

  route
    .command('delete')
    .description('delete a route that no delivery took')
    .argument('<partner>', "the partner's account")
    .argument('<route>', "the route's id")
    .action((partner: string, id: string) =>
      withGiro(async ({ parties }) => {
        await parties.deleteRoute(partner, id)
        say(`Deleted the route ${id}.`)
      }),
    )

  addTest(route)
}

function addTest(route: Command): void {
  route
    .command('test')
    .description('send a sample event (giro.test) on a route, and show what came of it')
    .argument('<partner>', "the partner's account")
    .argument('<route>', "the route's id")
    .option('--json', 'print JSON')
    .addHelpText('after', '\nNothing of it is kept. It exits with 1 when it was not taken.')
    .action((partner: string, id: string, options) =>
      withGiro(async ({ tryRoute }) => {
        const tested = await tryRoute(partner, id)
        printOne(viewTested(tested), options)
        if (!tested.delivered) process.exitCode = 1
      }),
    )
}

function digestOption(): Option {
  return new Option('--digest <interval>', 'one e-mail an hour or a day (UTC)').choices(digests)
}

function orderingOption(): Option {
  const help = 'strict: one at a time, in the order of the payments; none (default)'
  return new Option('--ordering <ordering>', help).choices(orderings)
}

function addCreation(route: Command): void {
  withIdentity(route.command('create'))
    .description('give a partner a route; a shared signing secret is printed this once')
    .argument('<partner>', "the partner's account")
    .addOption(
      new Option('--method <method>', 'how to tell').choices(notifyMethods).makeOptionMandatory(),
    )
    .requiredOption('--to <where>', 'URL to POST to, e-mail address or phone number')
    .addOption(
      new Option('--signature <scheme>', 'v1: a shared secret (default); v1a: a key pair').choices(
        schemes,
      ),
    )
    .addOption(headerOption('a further header of each webhook; may be given again'))
    .addOption(orderingOption())
    .addOption(digestOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `${whereTo}\n${identityHelp}`)
    .action((partner: string, options) =>
      withGiro(async ({ parties }) => {
        const { method: notify_method, to: contact_path, header: headers, ...rest } = options
        const { signature, digest, ordering } = rest
        const own = { signature, headers, digest, ordering, ...identity(options) }
        const given = { notify_method, contact_path, ...own }
        const { route, secret } = await parties.createRoute(partner, given)
        printOne({ ...viewRoute(route), secret }, options)
      }),
    )
}

function addRotation(route: Command): void {
  route
    .command('rotate-secret')
    .description('give a route a new secret, which is printed this once, or a new key pair')
    .argument('<partner>', "the partner's account")
    .argument('<route>', "the route's id")
    .addOption(overlapOption())
    .option('--json', 'print JSON')
    .addHelpText('after', overlapping)
    .action((partner: string, id: string, { overlap, ...options }) =>
      withGiro(async ({ parties }) => {
        const rotated = await parties.rotateSecret(partner, id, { overlap })
        printOne({ ...viewRotation(rotated), secret: rotated.secret }, options)
      }),
    )
}

type ReplayOptions = AskOptions & { from?: number; to?: number }

function addReplay(route: Command): void {
  route
    .command('replay')
    .description('deliver on a route the payments that it never had, in the background')
    .argument('<partner>', "the partner's account")
    .argument('<route>', "the route's id")
    .option('--from <date>', 'only payments received then or later', dateArgument)
    .option('--to <date>', 'only payments received before', dateArgument)
    .option('--dry-run', 'deliver nothing, and say how many it would be')
    .option('--wait', 'show how far it is until it is done')
    .option('--json', 'print JSON')
    .addHelpText('after', `${behind}\nIt may be repeated: a payment is delivered once on a route.`)
    .action((partner: string, id: string, { from, to, ...options }: ReplayOptions) =>
      withGiro((giro) => askForMany(giro, wantedReplay(partner, id, { from, to }), options)),
    )
}
