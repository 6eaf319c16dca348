import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { listening } from './listening.ts'

/** One webhook as it arrived, and the name that TLS was begun for. */
type Heard = { servername: string | false; host: string; body: string }

/** For `partner.example`: by the tests' authority until 2125, the same until 2021, by itself. */
type Certificate = 'partner' | 'expired' | 'self-signed'

/** From here on this process trusts the authority of the tests, and no other. */
export function trustTestAuthority(): void {
  setDefaultCACertificates([pem('authority')])
}

/** A partner behind TLS on this machine, who takes everything. */
export async function openTlsPartner(certificate: Certificate = 'partner') {
  const heard: Heard[] = []
  const server = createServer({ cert: pem(certificate), key: pem('key') })
  server.on('request', async (request, response) => {
    const { servername } = request.socket as TLSSocket & { servername: string | false }
    const body = (await buffer(request)).toString()
    heard.push({ servername, host: `${request.headers.host}`, body })
    response.writeHead(204).end()
  })
  const { port } = new URL(await listening(server))
  return { port, heard }
}

function pem(name: Certificate | 'authority' | 'key'): string {
  return readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), 'utf8')
}
