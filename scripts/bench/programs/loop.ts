/** A bare loop: signs and POSTs a webhook, so many at once, and tells how long all of them took. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { Agent, request } from 'undici'

export type Looped = { seconds: number }

const { url, concurrency, count } = JSON.parse(process.argv[2] ?? '')
const secret = randomBytes(32)
const dispatcher = new Agent()
const body = JSON.stringify({
  type: 'payment.received',
  timestamp: new Date().toISOString(),
  data: { payment: { id: randomUUID(), text: 'x'.repeat(290) } },
})

let left = 0

async function loop(): Promise<void> {
  while (left > 0) {
    left -= 1
    const id = randomUUID()
    const timestamp = `${Math.floor(Date.now() / 1000)}`
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`)
    const answer = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature.digest('base64')}`,
      },
      body,
      dispatcher,
    })
    await answer.body.dump()
  }
}

async function seconds(many: number): Promise<number> {
  left = many
  const began = performance.now()
  await Promise.all(Array.from({ length: concurrency }, loop))
  return (performance.now() - began) / 1000
}

await seconds(count)
process.send?.({ seconds: await seconds(count) } satisfies Looped)
