import type { Stage } from '../../platform/outbound/index.ts'
import type { Sent } from '../delivery.ts'
import { answerText, failed } from './channel.ts'

/** What nodemailer says of a failure: the command that failed, and the server's answer to it. */
type SmtpError = Error & {
  code?: string
  syscall?: string
  command?: string
  responseCode?: number
  response?: string
}

const refusedBy: Record<string, string> = {
  CONN: 'the connection',
  EHLO: 'the greeting',
  HELO: 'the greeting',
  STARTTLS: 'STARTTLS',
  'MAIL FROM': 'the sender',
  'RCPT TO': 'the recipient',
  DATA: 'the mail',
}

const connections: Record<string, string> = {
  ENOTFOUND: 'its name is unknown',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
}

/** A failed try in plain words, with those of the server. */
export function smtpFailure(error: unknown): Sent {
  const { command = '', response, responseCode: status, code, message } = error as SmtpError
  const stage = stageOf(error as SmtpError)
  if (response && status !== undefined) {
    const answer = answerText(Buffer.from(response))
    const what = refusedBy[command] ?? (command.startsWith('AUTH') ? 'the login' : command)
    const why = `the mail server refused ${what}: ${oneLine(answer)}`
    const sent = failed(why, stage, { status, answer })
    return isFinal(command, status, response) ? { ...sent, final: true } : sent
  }
  if (code === 'ETLS' && command === 'STARTTLS' && response === undefined)
    return failed(`no TLS with the mail server: ${plainTls(message)}`, stage)
  return failed(plainConnection(message), stage)
}

/** What is said before the text of a mail is sent; of the rest nodemailer does not say how far. */
const beforeTheText = new Set(['EDNS', 'ETLS', 'EAUTH', 'EENVELOPE'])

function stageOf({ code = '', syscall, responseCode }: SmtpError): Stage {
  if (responseCode !== undefined) return code === 'EMESSAGE' ? 'after' : 'before'
  return beforeTheText.has(code) || syscall === 'connect' ? 'before' : 'during'
}

/** Replies about the dialogue itself, and about a login that is wanted first (RFC 5321, 4954). */
const aboutTheDialogue = new Set([500, 501, 502, 503, 504, 530, 534, 535, 538])

/**
 * Whether trying again is of no use: a 5xx for the recipient or for the mail to it. What comes
 * before is between Giro and its mail server, and so are policies (RFC 3463, X.7.X), such as who
 * may relay or what must be signed: the operator can mend them.
 */
function isFinal(command: string, code: number, response: string): boolean {
  if (command !== 'RCPT TO' && command !== 'DATA') return false
  if (code < 500 || code > 599 || aboutTheDialogue.has(code)) return false
  return !/^\d{3}[ -]5\.7\.\d+/.test(response)
}

function plainConnection(message: string): string {
  const known = Object.keys(connections).find((code) => message.includes(code))
  if (known !== undefined) return `no connection to the mail server: ${connections[known]}`
  if (/certificate|altnames/i.test(message))
    return `no TLS with the mail server: ${plainTls(message)}`
  return `the mail server was not reached: ${oneLine(message)}`
}

function plainTls(message: string): string {
  if (/altnames/.test(message)) return 'its certificate is for another name'
  if (/expired/.test(message)) return 'its certificate has expired'
  if (/certificate/.test(message))
    return `its certificate is not from an authority that is trusted here (${oneLine(message)})`
  return oneLine(message)
}

const longest = 500

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, longest)
}
