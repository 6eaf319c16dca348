/** Sends notices as fast as they are answered, says how it went, and waits to be stopped. */
import autocannon from 'autocannon'
import { noticeTo } from '../notice.ts'

export type Asked = { url: string; connections: number; amount: number; partners: string[] }

/** `cores` is what the generator itself used: near one, it is what limits the rate. */
export type Loaded = { accepted: number; rate: number; cores: number }

const { url, connections, amount, partners }: Asked = JSON.parse(process.argv[2] ?? '')

let accepted = 0
let last = 0
const cpu = process.cpuUsage()
const began = performance.now()

const bodies = partners.map((partner) => ({ body: noticeTo(partner) }))
let clients = 0

/** Each connection begins with another partner, or all would go through them side by side. */
function setupClient(client: autocannon.Client) {
  const first = Math.floor((clients * bodies.length) / connections)
  clients += 1
  client.setRequests([...bodies.slice(first), ...bodies.slice(0, first)])
}

const options = {
  url,
  connections,
  amount,
  method: 'POST' as const,
  headers: { 'content-type': 'application/json' },
  setupClient,
  sampleInt: 50,
}
const run = autocannon(options, (error) => {
  if (error) throw error
  const seconds = (last - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const cores = (user + system) / 1e6 / seconds
  process.send?.({ accepted, rate: accepted / seconds, cores } satisfies Loaded)
})
run.on('response', (_client, status) => {
  if (status === 201) accepted += 1
  last = performance.now()
})
