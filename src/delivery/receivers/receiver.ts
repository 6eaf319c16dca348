// A receiver of Giro's webhooks: Node 24 alone. PORT, WEBHOOK_SECRET (whsec_… or whpk_…), INBOX.
import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

const { PORT = '8080', WEBHOOK_SECRET = '', INBOX = 'inbox' } = process.env
const toleranceS = 300
const mostBytes = 1024 * 1024
const spki = Buffer.from('302a300506032b6570032100', 'hex')

const [kind = '', base64 = ''] = WEBHOOK_SECRET.split('_')
const key = Buffer.from(base64, 'base64')
if (!['whsec', 'whpk'].includes(kind)) throw new Error('WEBHOOK_SECRET is neither whsec_ nor whpk_')

function isGenuine(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers
  if (!/^\d+$/.test(`${time}`) || Math.abs(Date.now() / 1000 - Number(time)) > toleranceS)
    return false
  const signed = Buffer.concat([Buffer.from(`${id}.${time}.`), body])
  // One of several is enough: while a secret is rotated, the old one signs beside the new one.
  return `${signatures}`.split(' ').some((one) => {
    const [version, text = ''] = one.split(',')
    return isSignature(version, Buffer.from(text, 'base64'), signed)
  })
}

function isSignature(version: string | undefined, given: Buffer, signed: Buffer): boolean {
  if (version === 'v1' && kind === 'whsec') {
    const right = createHmac('sha256', key).update(signed).digest()
    return given.length === right.length && timingSafeEqual(given, right)
  }
  if (version !== 'v1a' || kind !== 'whpk') return false
  const publicKey = createPublicKey({
    key: Buffer.concat([spki, key]),
    format: 'der',
    type: 'spki',
  })
  return verify(null, signed, publicKey, given)
}

/** Keeps an event once, whole or not at all. A table with the id as its key is as good. */
function keep(id: string, body: Buffer): void {
  const draft = `${INBOX}/.${id}.${process.pid}`
  const file = `${INBOX}/${id}.json`
  writeFileSync(draft, body, { flush: true })
  try {
    if (!existsSync(file)) linkSync(draft, file)
  } finally {
    rmSync(draft)
  }
}

async function receive(request: IncomingMessage): Promise<number> {
  const { method, headers } = request
  if (method !== 'POST') return 405
  if (!(Number(headers['content-length']) <= mostBytes)) return 413
  const body = await buffer(request)
  if (!isGenuine(headers, body)) return 401
  const { type } = JSON.parse(`${body}`)
  // Whatever else comes is taken and left alone, such as giro.test.
  if (type === 'payment.received') keep(`${headers['webhook-id']}`, body)
  return 204
}

mkdirSync(INBOX, { recursive: true })
createServer(async (request, response) => {
  const status = await receive(request).catch((error) => {
    console.error(error)
    return 500 // Giro comes again.
  })
  response.writeHead(status).end()
}).listen(Number(PORT), '127.0.0.1')
