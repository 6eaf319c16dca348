import { type Command, Option } from 'commander'
import { listPayments, paymentStatuses, readWhole, viewPayment } from '../../src/payment/index.ts'
import { everyones } from '../../src/platform/own.ts'
import { Refused } from '../../src/platform/problem.ts'
import { withGiro } from '../giro.ts'
import { limitOption } from '../options.ts'
import { printList, printOne } from '../print.ts'

const columns = [
  'id',
  'payment_received_date',
  'reference_number',
  'account_number',
  'amount',
  'currency',
  'status',
]

export default function add(program: Command): void {
  const payment = program.command('payment').description('payments: what came in for partners')

  payment
    .command('list')
    .description('list payments, newest first')
    .option('--account <partner>', 'only those for this account')
    .option('--reference <payer>', 'only those with this reference')
    .addOption(new Option('--status <status>', 'only those').choices(paymentStatuses))
    .option('--bank <bank>', 'only those of this bank')
    .addOption(limitOption())
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ database }) => {
        const { account: account_number, reference: reference_number, status, bank } = options
        const filter = { own: everyones, account_number, reference_number, status, bank }
        const rows = await database.read((db) => listPayments(db, filter, options.limit, null))
        printList(rows.map(viewPayment), columns, options)
      }),
    )

  payment
    .command('show')
    .description('show the whole life of a payment: proof, transfer, deliveries, attempts')
    .argument('<id>', "the payment's id")
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ database }) => {
        const found = await database.read((db) => readWhole(db, everyones, id))
        if (!found) throw new Refused('not_found', `There is no payment ${id}.`)
        printOne(found, options)
      }),
    )

  payment
    .command('watch')
    .description('show payments and their deliveries as they happen, until Ctrl-C')
    .option('--partner <id>', 'only those for this partner')
    .option('--from-start', 'begin with all that happened before')
    .option('--json', 'print JSON, one object a line')
    .addHelpText(
      'after',
      `
On PostgreSQL and MariaDB events are seen once run-payment-processor has numbered them.`,
    )
    .action((options) =>
      withGiro(async (giro) => {
        const { watchPayments } = await import('../watch-payments.ts')
        await watchPayments(giro, options)
      }),
    )
}
