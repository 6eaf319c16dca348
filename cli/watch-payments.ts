import type { Giro } from '../src/compose.ts'
import { createNews, lastNumber, nextPage } from '../src/event/index.ts'
import { partnersById } from '../src/party/index.ts'
import { paymentEventTypes, paymentIdOf, paymentsById, viewHappened } from '../src/payment/index.ts'
import type { Database } from '../src/platform/database/index.ts'
import { Refused } from '../src/platform/problem.ts'
import { linePrinter } from './print.ts'

type Options = { partner?: string; fromStart?: boolean; json?: boolean }

const columns = [
  'time',
  'type',
  'payment_id',
  'reference_number',
  'account_number',
  'amount',
  'currency',
  'notify_method',
]

const atOnce = 100
const waitMs = 60_000

/** Prints what happens to payments until Ctrl-C, which is how it is meant to end. */
export async function watchPayments({ database, log }: Giro, options: Options): Promise<void> {
  const { partner, fromStart = false } = options
  if (partner !== undefined) await requirePartner(database, partner)
  const until = stopped()
  const print = linePrinter(columns, options)
  const news = createNews({ database, log })
  await news.start()
  try {
    for (let after = fromStart ? 0 : await database.read(lastNumber); !until.aborted; ) {
      const wanted = { after, types: paymentEventTypes, limit: atOnce, waitMs, until }
      const { events, next } = await nextPage({ database, news }, wanted)
      const ids = [...new Set(events.map(paymentIdOf))]
      const payments = await database.read((db) => paymentsById(db, ids))
      for (const event of events) {
        const payment = payments.get(paymentIdOf(event))
        if (payment && (partner ?? payment.accountNumber) === payment.accountNumber)
          print(viewHappened(event, payment))
      }
      after = next
    }
  } finally {
    await news.stop()
  }
}

/** A name that is wrong would show nothing for ever. */
async function requirePartner(database: Database, id: string): Promise<void> {
  const found = await database.read((db) => partnersById(db, [id]))
  if (!found.has(id)) throw new Refused('not_found', `There is no partner ${id}.`)
}

/** Aborted by the first signal; the second one ends the process, as if nobody listened. */
function stopped(): AbortSignal {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  return stopping.signal
}
