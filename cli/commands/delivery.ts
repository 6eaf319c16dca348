import { type Command, Option } from 'commander'
import {
  deliveryStatuses,
  listDeliveries,
  readDelivery,
  reportsOf,
  viewDelivery,
} from '../../src/delivery/index.ts'
import { everyones } from '../../src/platform/own.ts'
import { redeliverableStatuses, wantedAgain } from '../../src/redelivery/index.ts'
import { withGiro } from '../giro.ts'
import { dateArgument, limitOption } from '../options.ts'
import { printList, printOne } from '../print.ts'
import { type AskOptions, askForMany, behind } from '../redeliver.ts'

const columns = ['id', 'create_date', 'account_number', 'notify_method', 'status', 'attempt_count']

export default function add(program: Command): void {
  const delivery = program.command('delivery').description('deliveries: telling the partner')

  delivery
    .command('list')
    .description('list deliveries, newest first')
    .addOption(new Option('--status <status>', 'only those').choices(deliveryStatuses))
    .option('--account <partner>', 'only those to this partner')
    .addOption(limitOption())
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ database }) => {
        const { status, account: account_number } = options
        const filter = { own: everyones, status, account_number }
        const rows = await database.read(async (db) => {
          const found = await listDeliveries(db, filter, options.limit, null)
          const reports = await reportsOf(db, found)
          return found.map((one) => viewDelivery(one, reports))
        })
        printList(rows, columns, options)
      }),
    )

  delivery
    .command('show')
    .description('show a delivery and every attempt')
    .argument('<id>', "the delivery's id")
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ database }) => {
        printOne(await database.read((db) => readDelivery(db, everyones, id)), options)
      }),
    )

  delivery
    .command('redeliver')
    .description('deliver again, from the beginning of the schedule')
    .argument('<id>', "the delivery's id")
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ database, redeliver }) => {
        const delivery = await redeliver(everyones, id)
        const reports = await database.read((db) => reportsOf(db, [delivery]))
        printOne(viewDelivery(delivery, reports), options)
      }),
    )

  addRedeliverAll(delivery)
}

type AllOptions = AskOptions & {
  partner?: string
  route?: string
  bank?: string
  status?: (typeof redeliverableStatuses)[number]
  from?: number
  to?: number
}

function addRedeliverAll(delivery: Command): void {
  delivery
    .command('redeliver-all')
    .description('deliver again all that match, in the background')
    .option('--partner <partner>', 'only those to this partner')
    .option('--route <route>', 'only those on this route')
    .option('--bank <bank>', 'only those of payments of this bank')
    .addOption(new Option('--status <status>', 'only those').choices(redeliverableStatuses))
    .option('--from <date>', 'only those of payments received then or later', dateArgument)
    .option('--to <date>', 'only those of payments received before', dateArgument)
    .option('--dry-run', 'redeliver nothing, and say how many it would be')
    .option('--wait', 'show how far it is until it is done')
    .option('--json', 'print JSON')
    .addHelpText('after', behind)
    .action(({ partner, route, bank, status, from, to, ...options }: AllOptions) => {
      const given = { account_number: partner, route_id: route, bank, status, from, to }
      return withGiro((giro) => askForMany(giro, wantedAgain(everyones, given), options))
    })
}
