import type { Message } from './channel.ts'
import {
  escaped,
  layout,
  messageId,
  oneLine,
  paymentOf,
  plain,
  styled,
  type ToldPayment,
} from './mail-layout.ts'

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

/** What the HTML says in large letters above the others. */
const large = new Set(['amount', 'currency'])

/** The e-mail that tells of a payment. A second copy can be recognised by its Message-ID. */
export function paymentMail({ deliveryId, event }: Message, from: string) {
  const payment = paymentOf(event)
  const { amount, currency, reference_number: payer } = payment
  const title = `Payment received: ${amount} ${currency} from ${payer}`
  const facts = rows.map(([label, member]) => `${label}: ${told(payment, member)}`)
  return {
    subject: `${oneLine(title)} (${payment.id})`,
    text: [title, '', ...facts, ''].join('\n'),
    html: html(title, payment),
    messageId: messageId(deliveryId, from),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Giro-Event': event.id },
  }
}

function told(payment: ToldPayment, member: string): string {
  return payment[member] ?? 'not told'
}

function html(title: string, payment: ToldPayment): string {
  const lines = rows
    .filter(([, member]) => !large.has(member))
    .map(([label, member]) => line(label, told(payment, member)))
  const sum = `${escaped(told(payment, 'amount'))} ${escaped(told(payment, 'currency'))}`
  return layout({
    preview: escaped(title),
    title: escaped(title),
    body: [
      styled('div', ['label'], 'Payment received'),
      styled('div', ['amount'], sum, 'padding:2px 0 20px'),
      `<table ${plain} width="100%">${lines.join('\n')}</table>`,
    ].join('\n'),
    footer: 'Sent by Giro because this address is told of each payment. Nobody reads replies.',
  })
}

function line(label: string, value: string): string {
  const head = styled('td', ['label', 'line'], escaped(label), `width:32%;${cell}`)
  const rest = styled('td', ['value', 'line'], escaped(value), `word-break:break-word;${cell}`)
  return `<tr>${head}${rest}</tr>`
}

const cell = 'padding:9px 12px 9px 0;vertical-align:top'
