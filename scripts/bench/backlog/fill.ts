import { idsFrom } from '../../../src/platform/id.ts'
import { openBeside, type Session } from '../beside.ts'

/** So many payments to partners `<partners>0`, `<partners>1` and so on, each with one route. */
export type Filling = {
  payments: number
  partners: string
  partnerCount: number
  /** Delivered long ago, or due and never tried. */
  deliveries: 'delivered' | 'due'
}

const batches = 200
const minuteMs = 60_000

/** What is filled in may be lost with the machine; what is measured later may not. */
const hastily = { sqlite: 'PRAGMA synchronous = OFF', postgres: 'SET synchronous_commit = off' }

/** A few of the oldest payments are what filters have to find far off. */
export const farOff = { bank: 'moon_bank', reference: 'payer-once', failed: 5 }

/**
 * Stores payments in bulk as Giro would have left them, all their rows and sums, over as many
 * minutes as there are batches. Only into a database that has no payments yet.
 */
export async function fill(databaseUrl: string, filling: Filling): Promise<void> {
  const beside = await openBeside(databaseUrl)
  const onServer = databaseUrl.startsWith('postgres:')
  await beside.session(async (session) => {
    await session.query(onServer ? hastily.postgres : hastily.sqlite)
    await fillAll(session, filling)
    for (const statement of afterwards) await session.query(statement)
    // What a server does with old rows in its own time is not to be done while others are measured.
    if (onServer) await session.query('VACUUM (ANALYZE)')
  })
  await beside.close()
}

async function fillAll(session: Session, filling: Filling): Promise<void> {
  const { payments, partners, partnerCount, deliveries } = filling
  const newest = Date.now() - minuteMs
  const size = Math.ceil(payments / batches)
  for (let from = 0; from < payments; from += size) {
    const time = newest - Math.floor((payments - from) / size) * minuteMs
    const head = idsFrom('pay', time).slice('pay_'.length)
    const last = Math.min(from + size, payments) - 1
    const params = [from, last, head, time, partners, partnerCount]
    await session.query('BEGIN')
    for (const statement of statements[deliveries]) await session.query(statement, params)
    await session.query('COMMIT')
  }
}

/** `i` counts the payments; ids end in it, and `tail` is what all ids of one payment share. */
const numbered = `WITH RECURSIVE counted (i) AS (
    SELECT CAST(? AS bigint) UNION ALL SELECT i + 1 FROM counted WHERE i < CAST(? AS bigint)
  ), timed AS (
    SELECT i, CAST(? AS varchar) || CAST(1000000000 + i AS varchar) AS tail,
      CAST(? AS bigint) AS time, CAST(? AS varchar) AS partners, CAST(? AS bigint) AS many
    FROM counted
  ), given AS (
    SELECT i, tail, time, partners || CAST(i % many AS varchar) AS account,
      CASE WHEN i < 10 THEN '${farOff.reference}' ELSE 'payer1' END AS reference,
      CASE WHEN i < 50 THEN '${farOff.bank}' ELSE 'africa_bank' END AS bank,
      CASE WHEN i < ${farOff.failed} THEN 'failed' ELSE 'delivered' END AS result
    FROM timed
  )`

const proof = `INSERT INTO proofs (id, bank, proof_key, outcome, method, path, headers, sha256,
    size, remote_address, received_date)
  SELECT 'prf_' || tail, bank, bank || '/2026/11/21/prf_' || tail || '.bin', 'accepted', 'POST',
    '/' || bank, '{"content-type":"application/json","user-agent":"a bank"}',
    '9c1185a5c5e9fc54612808977ee8f548b2258d31f7a3a5a6b6f4b6c6a1a2b3c4', 92, '127.0.0.1', time
  FROM given`

const transfer = `INSERT INTO transfers (id, debit_account, credit_account, amount, currency, link,
    create_date)
  SELECT 'trf_' || tail, 'settlement:' || bank || ':USD', 'partner:' || account || ':USD', 5500,
    'USD', NULL, time FROM given`

const event = `INSERT INTO events (id, batch_id, place, type, subject, time, data)
  SELECT 'evt_' || tail, 'evt_' || MIN(tail) OVER (PARTITION BY i - i % 100),
    ROW_NUMBER() OVER (PARTITION BY i - i % 100 ORDER BY i), 'payment.received', 'pay_' || tail,
    time,
    '{"payment":{"id":"pay_' || tail || '","bank":"' || bank || '","reference_number":"' ||
    reference || '","account_number":"' || account || '","amount":"55.00","currency":"USD"}}'
  FROM given`

/** What stands in the columns that tell how far a payment came. */
type Progress = { payment: string; delivery: string }

const payment = (progress: Progress) => `INSERT INTO payments (id, bank, reference_number,
    account_number, payer_id, partner_id, amount, currency, proof_id, proof_key,
    bank_transaction_id, transfer_id, event_id, payment_bank_date, payment_received_date,
    status, process_error, payment_processed_date)
  SELECT 'pay_' || tail, bank, reference, account, reference, account, 5500, 'USD', 'prf_' || tail,
    bank || '/2026/11/21/prf_' || tail || '.bin', NULL, 'trf_' || tail, 'evt_' || tail, NULL, time,
    ${progress.payment} FROM given`

const delivery = (progress: Progress) => `INSERT INTO deliveries (id, payment_id, account_id,
    route_id, notify_method, event_id, create_date, claim_id, status, attempts, due_date,
    finish_date)
  SELECT 'dlv_' || tail, 'pay_' || tail, account, routes.id, 'api', 'evt_' || tail, time, NULL,
    ${progress.delivery} FROM given LEFT JOIN routes ON routes.account_id = account`

const attempt = `INSERT INTO attempts (id, delivery_id, start_date, duration_ms, result, status,
    error, answer)
  SELECT 'att_' || tail, 'dlv_' || tail, time, 12, result, 204, NULL, '' FROM given`

const finished = {
  payment: `CASE WHEN result = 'failed' THEN 'failed' ELSE 'notified' END, result = 'failed',
    CASE WHEN result = 'failed' THEN NULL ELSE time END`,
  delivery: 'result, 1, NULL, time',
}

const open = {
  payment: `'received', 1 = 0, NULL`,
  delivery: `'pending', 0, time, NULL`,
}

const withRows = (inserts: string[]) => inserts.map((insert) => `${numbered} ${insert}`)

const statements = {
  delivered: withRows([proof, transfer, event, payment(finished), delivery(finished), attempt]),
  due: withRows([proof, transfer, event, payment(open), delivery(open)]),
}

/** The sums that Giro keeps up, counted once, and the numbers of the events. */
const afterwards = [
  `INSERT INTO event_batches (id, size, last)
    SELECT batch_id, size, (SELECT COALESCE(MAX(last), 0) FROM event_batches)
      + SUM(size) OVER (ORDER BY batch_id)
    FROM (SELECT batch_id, COUNT(*) AS size FROM events
      WHERE batch_id NOT IN (SELECT id FROM event_batches) GROUP BY batch_id) AS counted`,
  `INSERT INTO accounts (id, currency, debits, credits, floor, create_date)
    SELECT debit_account, 'USD', SUM(amount), 0, NULL, 0 FROM transfers GROUP BY debit_account`,
  `INSERT INTO accounts (id, currency, debits, credits, floor, create_date)
    SELECT credit_account, 'USD', 0, SUM(amount), NULL, 0 FROM transfers GROUP BY credit_account`,
  `UPDATE attempt_totals SET count = (SELECT COUNT(*) FROM attempts WHERE result = 'delivered')
    WHERE id = 'api delivered'`,
]
