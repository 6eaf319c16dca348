/** Nodemailer's pool alone: sends mails of about the same size, and tells how long that took. */
import { randomUUID } from 'node:crypto'
import { createTransport } from 'nodemailer'
import type { Looped } from './loop.ts'

const { url, concurrency, connections, count } = JSON.parse(process.argv[2] ?? '')
const transport = createTransport({ url, pool: true, maxConnections: connections })

const style = 'font-size:13px;'.repeat(18)
const line = `<tr><td class="label" style="${style}">Amount: 55.00 USD</td></tr>`
const mail = {
  from: 'Giro <giro@bank.example>',
  to: { name: '', address: 'books@partner.example' },
  subject: 'Payment received: 55.00 USD from payer1',
  text: 'Amount: 55.00 USD\n'.repeat(20),
  html: `<!doctype html><html lang="en"><body><table>${line.repeat(18)}</table></body></html>`,
  headers: { 'Auto-Submitted': 'auto-generated' },
}

let left = 0

async function loop(): Promise<void> {
  while (left > 0) {
    left -= 1
    await transport.sendMail({ ...mail, messageId: `<${randomUUID()}@giro.partner.example>` })
  }
}

async function seconds(many: number): Promise<number> {
  left = many
  const began = performance.now()
  await Promise.all(Array.from({ length: concurrency }, loop))
  return (performance.now() - began) / 1000
}

await seconds(Math.ceil(count / 4))
process.send?.({ seconds: await seconds(count) } satisfies Looped)
