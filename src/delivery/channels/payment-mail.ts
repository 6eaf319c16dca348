import type { Message } from './channel.ts'

/** The members of a payment that an event tells. */
type Payment = Record<string, string | null>

const rows: [label: string, member: string][] = [
  ['Amount', 'amount'],
  ['Currency', 'currency'],
  ['From', 'reference_number'],
  ['To', 'account_number'],
  ['Bank', 'bank'],
  ["Bank's date", 'payment_bank_date'],
  ['Received', 'payment_received_date'],
  ['Payment', 'id'],
  ['SHA-256 of the proof', 'proof_sha256'],
]

/** The e-mail that tells of a payment. A second copy can be recognised by its Message-ID. */
export function paymentMail({ deliveryId, event, route }: Message) {
  const { payment } = JSON.parse(event.data) as { payment: Payment }
  const facts = rows.map(([label, member]) => [label, payment[member] ?? 'not told'] as const)
  const { amount, currency, reference_number: from } = payment
  const title = `Payment received: ${amount} ${currency} from ${from}`
  const domain = route.contactPath.split('@').at(-1)
  return {
    subject: `${oneLine(title)} (${payment.id})`,
    text: [title, '', ...facts.map(([label, value]) => `${label}: ${value}`), ''].join('\n'),
    html: html(title, facts),
    messageId: `<${deliveryId}@giro.${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Giro-Event': event.id },
  }
}

function html(title: string, facts: (readonly [string, string])[]): string {
  const cell = 'padding:4px 16px 4px 0;text-align:left;vertical-align:top'
  const lines = facts.map(
    ([label, value]) =>
      `<tr><th style="${cell};font-weight:normal;color:#666">${escaped(label)}</th>` +
      `<td style="${cell}">${escaped(value)}</td></tr>`,
  )
  return (
    `<!doctype html><html lang="en"><body style="font-family:sans-serif;color:#111">` +
    `<h1 style="font-size:18px">${escaped(title)}</h1>` +
    `<table>${lines.join('')}</table></body></html>`
  )
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A header is one line: nothing a bank wrote may begin another. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}
