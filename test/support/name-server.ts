import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { atEnd } from './at-end.ts'

/** What is known of a name; `silent` of questions that are never answered. */
export type Entry = { a?: string; aaaa?: string; silent?: ('a' | 'aaaa')[]; fails?: boolean }

const types = { 1: 'a', 28: 'aaaa' } as const
const noError = 0
const serverFailure = 2
const unknownName = 3

/** A name server on loopback (RFC 1035); where it listens, and the questions that it heard. */
export async function openNameServer(entries: Record<string, Entry>) {
  const heard: string[] = []
  const server = createSocket('udp4')
  server.on('message', (question, { port, address }) => {
    const { name, type, end } = asked(question)
    heard.push(name)
    const entry = entries[name]
    if (entry?.silent?.includes(type)) return
    const code = entry ? (entry.fails ? serverFailure : noError) : unknownName
    server.send(answer(question.subarray(0, end), code, entry?.[type]), port, address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => server.close())
  return { address: `127.0.0.1:${server.address().port}`, heard }
}

/** The first question of a message: labels with their lengths, an empty one, type and class. */
function asked(message: Buffer) {
  const labels: string[] = []
  let at = 12
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const type = types[message.readUInt16BE(at + 1) as keyof typeof types]
  return { name: labels.join('.'), type, end: at + 5 }
}

/** The question again, with the address as a record of one minute under the same name. */
function answer(question: Buffer, code: number, address?: string): Buffer {
  const head = Buffer.from(question)
  head.writeUInt16BE(0x8180 | code, 2)
  head.fill(0, 6, 12)
  if (address === undefined) return head
  head.writeUInt16BE(1, 6)
  const data = bytesOf(address)
  const record = Buffer.from([0xc0, 12, 0, data.length === 4 ? 1 : 28, 0, 1, 0, 0, 0, 60, 0])
  return Buffer.concat([head, record, Buffer.from([data.length]), data])
}

/** Of an IPv4 address, or of an IPv6 address that is written out. */
function bytesOf(address: string): Buffer {
  if (address.includes('.')) return Buffer.from(address.split('.').map(Number))
  const groups = address.split(':').map((group) => group.padStart(4, '0'))
  return Buffer.from(groups.join(''), 'hex')
}
