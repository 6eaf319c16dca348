import { invariant } from '../../platform/invariant.ts'
import { formatAmount, parseAmount } from '../../platform/money.ts'
import type { Digest } from '../digest.ts'
import { csv } from './csv.ts'
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

/** The columns of the attached file, by the names that webhooks have too. */
const columns = [
  'id',
  'payment_received_date',
  'reference_number',
  'account_number',
  'amount',
  'currency',
  'bank',
  'payment_bank_date',
  'proof_sha256',
]

/** Larger mails are cut off by some clients; the attached file has all. */
const mostShown = 200

/** The e-mail that tells of many payments. A second copy can be recognised by its Message-ID. */
export function digestMail({ id, members }: Digest, from: string) {
  const payments = members.map(({ event }) => paymentOf(event))
  const totals = totalsOf(payments)
  const count = payments.length === 1 ? '1 payment' : `${payments.length} payments`
  const title = `${count} received: ${inWords(totals)}`
  const shown = payments.slice(0, mostShown)
  const more = payments.length - shown.length
  const rest =
    more > 0 ? `… and ${more} more in the attached file.` : 'The attached file has them all.'
  return {
    subject: `${oneLine(title)} (${id})`,
    text: [title, '', ...shown.map(textLine), rest, ''].join('\n'),
    html: html({ title, count, totals, shown, rest }),
    attachments: [
      {
        filename: `${id}.csv`,
        contentType: 'text/csv; charset=utf-8; header=present',
        content: csv([columns, ...payments.map(cellsOf)]),
      },
    ],
    messageId: messageId(id, from),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Giro-Digest': id },
  }
}

function cellsOf(payment: ToldPayment): string[] {
  return columns.map((name) => payment[name] ?? '')
}

/** Sums by currency, in the order of their names. */
function totalsOf(payments: ToldPayment[]): string[] {
  const sums = new Map<string, bigint>()
  for (const { amount, currency } of payments) {
    invariant(amount && currency, 'a payment that is told has an amount')
    const read = parseAmount(amount, currency)
    invariant(read.ok, 'the amount of a payment that is told can be read')
    sums.set(currency, (sums.get(currency) ?? 0n) + read.amount)
  }
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, amount]) => `${formatAmount({ amount, currency })} ${currency}`)
}

/** Subjects stay short, however many currencies there are. */
function inWords(totals: string[]): string {
  const most = 3
  const named = totals.slice(0, most).join(', ')
  return totals.length > most ? `${named} and ${totals.length - most} more currencies` : named
}

/** `2026-11-21 10:40:27`, of a time in UTC. */
function shortTime(payment: ToldPayment): string {
  return (payment.payment_received_date ?? '').slice(0, 19).replace('T', ' ')
}

function textLine(payment: ToldPayment): string {
  const { amount, currency, reference_number: from, account_number: to, id } = payment
  return `${shortTime(payment)}  ${amount} ${currency}  from ${from} to ${to}  ${id}`
}

type Said = { title: string; count: string; totals: string[]; shown: ToldPayment[]; rest: string }

function html({ title, count, totals, shown, rest }: Said): string {
  const sums = totals.map((total) => styled('div', ['amount'], escaped(total)))
  const heads =
    styled('td', ['label'], 'Received (UTC)', cell) +
    styled('td', ['label'], 'From', cell) +
    styled('td', ['label'], 'Amount', `${cell};text-align:right;padding-right:0`)
  return layout({
    preview: escaped(title),
    title: escaped(title),
    body: [
      styled('div', ['label'], `${count} received`),
      ...sums,
      `<table ${plain} width="100%" style="margin-top:20px"><tr>${heads}</tr>`,
      ...shown.map(htmlLine),
      '</table>',
      styled('div', ['label'], escaped(rest), 'padding-top:12px'),
    ].join('\n'),
    footer: 'Sent by Giro because this address is told of payments together. Nobody reads replies.',
  })
}

function htmlLine(payment: ToldPayment): string {
  const { amount, currency, reference_number: from } = payment
  const [day = '', time = ''] = shortTime(payment).split(' ')
  const sum = `${escaped(`${amount}`)}&nbsp;${escaped(`${currency}`)}`
  return [
    `<tr>${styled('td', ['value', 'line'], `${day}<br>${time}`, `white-space:nowrap;${cell}`)}`,
    styled('td', ['value', 'line'], `${escaped(`${from}`)}${small(payment)}`, `${wrap};${cell}`),
    `${styled('td', ['value', 'line'], sum, `${right};${cell};padding-right:0`)}</tr>`,
  ].join('')
}

function small({ id }: ToldPayment): string {
  return styled('div', ['label'], escaped(`${id}`))
}

const cell = 'padding:9px 12px 9px 0;vertical-align:top'
const wrap = 'word-break:break-word'
const right = 'text-align:right;white-space:nowrap'
