import { type Command, Option } from 'commander'
import {
  attemptsOf,
  deliveriesById,
  deliveryStatuses,
  listDeliveries,
  viewDelivery,
  viewWithAttempts,
} from '../../src/delivery/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { withGiro } from '../giro.ts'
import { limitOption } from '../options.ts'
import { printList, printOne } from '../print.ts'

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
        const filter = { status: options.status, account_number: options.account }
        const rows = await database.read((db) => listDeliveries(db, filter, options.limit, null))
        printList(rows.map(viewDelivery), columns, options)
      }),
    )

  delivery
    .command('show')
    .description('show a delivery and every attempt')
    .argument('<id>', "the delivery's id")
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ database }) => {
        const shown = await database.read(async (db) => {
          const found = (await deliveriesById(db, [id])).get(id)
          if (!found) throw new Refused('not_found', `There is no delivery ${id}.`)
          return viewWithAttempts(found, await attemptsOf(db, [id]))
        })
        printOne(shown, options)
      }),
    )

  delivery
    .command('redeliver')
    .description('deliver again, from the beginning of the schedule')
    .argument('<id>', "the delivery's id")
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ redeliver }) => {
        printOne(viewDelivery(await redeliver(id)), options)
      }),
    )
}
