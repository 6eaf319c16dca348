import type { Command } from 'commander'
import { everyones } from '../../src/platform/own.ts'
import { listRedeliveries, viewRedelivery } from '../../src/redelivery/index.ts'
import { withGiro } from '../giro.ts'
import { limitOption } from '../options.ts'
import { printList, printOne } from '../print.ts'
import { finished, redeliveryOf } from '../redeliver.ts'

const columns = ['id', 'create_date', 'kind', 'account_number', 'status', 'redelivered']

export default function add(program: Command): void {
  const redelivery = program
    .command('redelivery')
    .description('redeliveries: what delivery redeliver-all and route replay have begun')

  redelivery
    .command('list')
    .description('list redeliveries, newest first')
    .addOption(limitOption())
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ database }) => {
        const rows = await database.read((db) =>
          listRedeliveries(db, everyones, options.limit, null),
        )
        printList(rows.map(viewRedelivery), columns, options)
      }),
    )

  redelivery
    .command('show')
    .description('show how far a redelivery is')
    .argument('<id>', "the redelivery's id")
    .option('--wait', 'show how far it is until it is done')
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async (giro) => {
        const found = await (options.wait ? finished(giro, id) : redeliveryOf(giro, id))
        printOne(viewRedelivery(found), options)
      }),
    )

  redelivery
    .command('cancel')
    .description('hand out no more; what was handed out is delivered all the same')
    .argument('<id>', "the redelivery's id")
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ redeliveries }) => {
        printOne(viewRedelivery(await redeliveries.cancel(id)), options)
      }),
    )
}
