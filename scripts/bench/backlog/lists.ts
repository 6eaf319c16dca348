import { check } from '../case.ts'
import { type Figure, figure } from '../figures.ts'
import type { Place } from '../place.ts'
import { farOff } from './fill.ts'

const times = 7
const mostMs = 20

/** How long the operator API's lists take: at the start, deep inside, and with each filter. */
export async function lists(place: Place): Promise<Figure[]> {
  const { key } = await place.giro(({ keys }) => keys.create({ name: 'bench', scope: 'read' }))
  const figures: Figure[] = []
  for (const [path, least] of await questions(place)) {
    const url = `${place.url}/api/v1${path}`
    const taken: number[] = []
    for (let i = 0; i <= times; i += 1) taken.push(await timed(url, key, least))
    figures.push(figure(told(path), 'ms', taken.slice(1), { atMost: mostMs }))
  }
  return figures
}

type Question = [path: string, leastRows: number]

/** What is asked, with how many rows there have to be; a page has 50. */
async function questions({ ask, row }: Place): Promise<Question[]> {
  const [payments, deliveries] = await Promise.all([
    ask('SELECT COUNT(*) FROM payments'),
    ask('SELECT COUNT(*) FROM deliveries'),
  ])
  const middleOf = async (table: string, count: number) => {
    const { id } = await row(
      `SELECT id FROM ${table} ORDER BY id LIMIT 1 OFFSET ${Math.floor(count / 2)}`,
    )
    return Buffer.from(JSON.stringify([id])).toString('base64url')
  }
  const deep = {
    payments: await middleOf('payments', payments),
    deliveries: await middleOf('deliveries', deliveries),
  }
  const first = await ask('SELECT MIN(payment_received_date) FROM payments')
  const iso = (time: number) => new Date(time).toISOString()
  return [
    ['/payments', 50],
    [`/payments?after=${deep.payments}`, 50],
    ['/payments?account_number=many1', 1],
    [`/payments?account_number=many1&after=${deep.payments}`, 1],
    ['/payments?account_number=nobody', 0],
    [`/payments?reference_number=${farOff.reference}`, 10],
    ['/payments?reference_number=payer1', 50],
    ['/payments?reference_number=nobody', 0],
    ['/payments?status=notified', 50],
    [`/payments?status=notified&after=${deep.payments}`, 50],
    ['/payments?status=failed', farOff.failed],
    ['/payments?status=unrouted', 0],
    ['/payments?bank=africa_bank', 50],
    [`/payments?bank=africa_bank&after=${deep.payments}`, 50],
    [`/payments?bank=${farOff.bank}`, 50],
    ['/payments?bank=no_bank', 0],
    [`/payments?to=${iso(first + 1)}`, 1],
    ['/payments?from=2030-01-01', 0],
    ['/payments?from=2020-01-01&to=2020-12-31', 0],
    [`/payments?from=${iso(first)}&to=${iso(first + 1)}&status=notified`, 1],
    ['/deliveries', 50],
    [`/deliveries?after=${deep.deliveries}`, 50],
    ['/deliveries?status=delivered', 50],
    ['/deliveries?status=failed', farOff.failed],
    ['/deliveries?status=sending', 0],
    ['/deliveries?account_number=many1', 1],
    [`/deliveries?account_number=many1&after=${deep.deliveries}`, 1],
    ['/deliveries?account_number=nobody', 0],
    ['/proofs', 50],
    [`/proofs?to=${iso(first + 1)}`, 1],
    ['/proofs?outcome=refused', 0],
    ['/accounts', 50],
  ]
}

async function timed(url: string, key: string, least: number): Promise<number> {
  const began = performance.now()
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
  const { data } = (await answer.json()) as { data: unknown[] }
  const ms = performance.now() - began
  check(answer.status === 200, `${url} was answered ${answer.status}`)
  check(data.length >= least, `${url} found ${data.length} rows of at least ${least}`)
  return ms
}

/** The question, with a word in place of a cursor or a time of this run. */
function told(path: string): string {
  return path.replace(/after=[\w-]+/, 'after=deep').replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'first')
}
