/** A mail server that takes every mail at once, and tells when it has so many of them. */
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { hearing } from './hearing.ts'

const heard = hearing()

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData(stream, _, done) {
    let head = ''
    stream.on('data', (bytes: Buffer) => {
      if (head.length < 4096) head += bytes.toString('latin1')
    })
    stream.on('end', () => {
      heard(/^Message-ID: (\S+)/im.exec(head)?.[1] ?? '')
      done()
    })
  },
})
const listener = server.listen(0, '127.0.0.1', () => {
  process.send?.(`smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`)
})
