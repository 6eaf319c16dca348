import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { listeningTcp } from './listening.ts'

/** Where a conversation by SMTP can be, in its order; `sent` is after the mail itself. */
export const stages = [
  'greeting',
  'EHLO',
  'STARTTLS',
  'AUTH',
  'MAIL FROM',
  'RCPT TO',
  'DATA',
  'sent',
] as const
export type Stage = (typeof stages)[number]

const welcome: Record<Stage, string> = {
  greeting: '220 mail.example ESMTP',
  EHLO: '250-mail.example\r\n250-AUTH PLAIN\r\n250 8BITMIME',
  STARTTLS: '220 go ahead',
  AUTH: '235 2.7.0 welcome',
  'MAIL FROM': '250 2.1.0 ok',
  'RCPT TO': '250 2.1.5 ok',
  DATA: '354 end with a dot',
  sent: '250 2.0.0 queued',
}

/**
 * An SMTP server that says at each stage what it is told to say, and nothing at all where that is
 * null. What it says can be changed between two mails.
 */
export async function scriptedMailServer(said: Partial<Record<Stage, string | null>>) {
  let connections = 0
  let open = 0
  const messageIds: string[] = []
  const url = await listeningTcp((socket) => {
    connections += 1
    open += 1
    socket.on('close', () => {
      open -= 1
    })
    talk(socket, messageIds, (stage) => (stage in said ? said[stage] : welcome[stage]))
  })
  return {
    url: url.replace('http:', 'smtp:'),
    said,
    connections: () => connections,
    open: () => open,
    /** Of the mails as they came, taken or not. */
    messageIds,
  }
}

type Replies = (stage: Stage) => string | null | undefined

function talk(socket: Socket, messageIds: string[], reply: Replies): void {
  let inMail = false
  const say = (stage: Stage) => {
    const text = reply(stage)
    if (text) socket.write(`${text}\r\n`)
    return text
  }
  say('greeting')
  createInterface({ input: socket }).on('line', (line) => {
    const [, messageId] = /^Message-ID: (.*)/.exec(line) ?? []
    if (messageId) messageIds.push(messageId)
    if (inMail && line !== '.') return
    const command = line.toUpperCase().replace('HELO', 'EHLO')
    const stage = inMail ? 'sent' : stages.find((one) => command.startsWith(one))
    if (stage === undefined) socket.write('250 ok\r\n')
    else inMail = say(stage)?.startsWith('354') === true
  })
}
