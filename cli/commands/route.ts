import { type Command, Option } from 'commander'
import type { Giro } from '../../src/compose.ts'
import { recoveryCommands, viewTested } from '../../src/delivery/index.ts'
import {
  digests,
  notifyMethods,
  orderings,
  partnersById,
  type Route,
  routeOf,
  routesOf,
  schemes,
  showRoute,
  showRoutes,
  viewRotation,
} from '../../src/party/index.ts'
import { fromIso } from '../../src/platform/clock.ts'
import { Refused } from '../../src/platform/problem.ts'
import { wantedReplay } from '../../src/redelivery/index.ts'
import { withGiro } from '../giro.ts'
import { dateArgument, headerOption, overlapOption } from '../options.ts'
import { addPolicyOptions, givenPolicy } from '../policy.ts'
import { printList, printOne, type Shown, say } from '../print.ts'
import { type AskOptions, askForMany, behind } from '../redeliver.ts'
import { identity, identityHelp, withIdentity } from '../route-identity.ts'

const whereTo = `
A URL leads to a public address, or to a network in OUTBOUND_ALLOW; OUTBOUND_PORTS and
OUTBOUND_HTTPS_ONLY say what else it must be.`

const enabling = `
--enable of a route that failed names the commands that bring what was missed.`

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
      withGiro(async ({ database, lanes }) => {
        const rows = await database.read(async (db) => {
          if (!(await partnersById(db, [partner])).has(partner))
            throw new Refused('not_found', `There is no partner ${partner}.`)
          return showRoutes(db, await routesOf(db, [partner]), lanes)
        })
        const shown = rows.map((row) => ({ ...row, lane: row.lane.state }))
        const columns = ['id', 'notify_method', 'contact_path', 'ordering', 'enabled', 'lane']
        printList(options.json ? rows : shown, columns, options)
      }),
    )

  addLane(route)
  addCreation(route)
  addChange(route)
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

/** A route as it is, its lane with it. */
async function printRoute(
  { database, lanes }: Giro,
  route: Route,
  { json, ...more }: { json?: boolean } & Shown,
): Promise<void> {
  const shown = await database.read((db) => showRoute(db, route, lanes))
  printOne({ ...shown, ...more }, { ...(json && { json }) })
}

function addLane(route: Command): void {
  route
    .command('show')
    .description('show a route, and how it stands with what is to be sent on it')
    .argument('<partner>', "the partner's account")
    .argument('<route>', "the route's id")
    .option('--json', 'print JSON')
    .action((partner: string, id: string, { json }) =>
      withGiro(async (giro) =>
        printRoute(giro, await giro.database.read((db) => routeOf(db, partner, id)), { json }),
      ),
    )

  route
    .command('resume')
    .description('send on a route again at once, whatever its lane waits for')
    .argument('<partner>', "the partner's account")
    .argument('<route>', "the route's id")
    .option('--json', 'print JSON')
    .addHelpText('after', '\nIt may be repeated. A disabled route is enabled by route change.')
    .action((partner: string, id: string, { json }) =>
      withGiro(async (giro) => printRoute(giro, await giro.resume(partner, id), { json })),
    )
}

function addChange(route: Command): void {
  const command = withIdentity(route.command('change'))
    .description('change where a route leads, how it wants to be told, or whether it is')
    .argument('<partner>', "the partner's account")
    .argument('<route>', "the route's id")
    .option('--to <where>', 'URL to POST to, e-mail address or phone number')
    .addOption(headerOption('further headers instead of those that were there'))
    .addOption(new Option('--no-headers', 'no further headers').conflicts('header'))
    .addOption(orderingOption())
    .addOption(digestOption())
    .option('--no-digest', 'an e-mail for each payment')
    .option('--enable', 'new payments take it, and what waited is sent')
    .addOption(
      new Option('--disable', 'new payments do not take it, what is open waits').conflicts(
        'enable',
      ),
    )
    .option('--no-auth', 'no authorization')
    .option('--no-certificate', 'no certificate of ours')
    .option('--json', 'print JSON')
    .addHelpText('after', `${whereTo}\n${identityHelp}\n${enabling}`)
  addPolicyOptions(command).action((partner: string, id: string, options) =>
    withGiro(async (giro) => {
      const enabled = options.enable ? true : options.disable ? false : undefined
      const headers = options.headers ? options.header : {}
      const digest = options.digest === false ? null : options.digest
      const { to: contact_path, ordering } = options
      const own = { headers, digest, ordering, ...identity(options), ...givenPolicy(options) }
      const before = enabled ? await laneBefore(giro, partner, id) : null
      const changed = await giro.parties.changeRoute(partner, id, { contact_path, enabled, ...own })
      await printRoute(giro, changed, { json: options.json })
      if (before?.state === 'disabled') sayMissed(changed, before.failing_since)
    }),
  )
}

function laneBefore({ database, lanes }: Giro, partner: string, id: string) {
  return database.read(async (db) => {
    await routeOf(db, partner, id)
    return (await lanes.view(db, [id])).get(id) ?? null
  })
}

/** Beside what is asked for, so that JSON stays JSON. */
function sayMissed(route: Route, failingSince: string | null): void {
  if (failingSince === null) return
  console.error(`Nothing got through on it since ${failingSince}. To bring what was missed:`)
  for (const command of recoveryCommands(route, fromIso(failingSince)))
    console.error(`  ${command}`)
}

function addCreation(route: Command): void {
  const command = withIdentity(route.command('create'))
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
  addPolicyOptions(command).action((partner: string, options) =>
    withGiro(async (giro) => {
      const { method: notify_method, to: contact_path, header: headers, ...rest } = options
      const { signature, digest, ordering } = rest
      const told = { signature, headers, digest, ordering }
      const own = { ...told, ...identity(options), ...givenPolicy(options) }
      const made = await giro.parties.createRoute(partner, { notify_method, contact_path, ...own })
      await printRoute(giro, made.route, { json: options.json, secret: made.secret })
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
      withGiro(async (giro) => {
        const rotated = await giro.parties.rotateSecret(partner, id, { overlap })
        const shown = { ...viewRotation(rotated), secret: rotated.secret }
        await printRoute(giro, rotated.route, { ...shown, ...options })
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
