import { readFileSync } from 'node:fs'
import { createServer, type ServerOptions } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { listening } from './listening.ts'

/** One webhook as it arrived, the name that TLS was begun for, and who showed a certificate. */
type Heard = {
  servername: string | false
  host: string
  body: string
  client: string | undefined
  path: string
  authorization: string | undefined
}

/**
/**
 * For `partner.example`: by the tests' authority until 2125, the same until 2021, by itself, by
 * another authority. For a mail server on this machine: `mail`, which is its own authority.
 */
export type Certificate = 'partner' | 'expired' | 'self-signed' | 'stranger' | 'mail'

/** `client` is Giro's own for mutual TLS, by the other authority. */
type Pem = Certificate | 'authority' | 'key' | 'another-authority' | 'client' | 'client-key'

/** From here on this process trusts the authorities of the tests, and no other. */
export function trustTestAuthority(): void {
  setDefaultCACertificates([pem('authority'), pem('mail')])
}

export function keyAndCertificate(certificate: Certificate) {
  return { key: pem('key'), cert: pem(certificate) }
}

/** A partner behind TLS on this machine, who takes everything, with the options that TLS has. */
export async function openTlsPartner(
  certificate: Certificate = 'partner',
  options: ServerOptions = {},
) {
  const heard: Heard[] = []
  let handshakes = 0
  const server = createServer({ ...keyAndCertificate(certificate), ...options })
  server.on('secureConnection', () => {
    handshakes += 1
  })
  server.on('request', async (request, response) => {
    const socket = request.socket as TLSSocket & { servername: string | false }
    const body = (await buffer(request)).toString()
    heard.push({
      servername: socket.servername,
      host: `${request.headers.host}`,
      body,
      client: socket.getPeerCertificate().subject?.CN as string | undefined,
      path: `${request.url}`,
      authorization: request.headers.authorization,
    })
    response.writeHead(204).end()
  })
  const { port } = new URL(await listening(server))
  return { port, heard, handshakes: () => handshakes }
}

/** What a server asks for that wants certificates of the other authority. */
export const mutual: ServerOptions = {
  requestCert: true,
  rejectUnauthorized: true,
  ca: pem('another-authority'),
}

export function pem(name: Pem): string {
  return readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), 'utf8')
}
