import { Forbidden } from './guard.ts'
import { ProxyFailure } from './proxy.ts'

const reasons: Record<string, string> = {
  ENOTFOUND: 'the name of the host is unknown',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'the connection was closed before an answer',
  EPROTO: 'no TLS connection could be made',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_REVOKED: 'the certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by nobody else',
}

/** Why a request failed, in words that tell names, connections, TLS and certificates apart. */
export function plainReason(error: unknown): string {
  if (error instanceof Forbidden) return nothingSent(error.message)
  const { code = '', message, cause } = error as Error & { code?: string }
  if (error instanceof ProxyFailure) return cause ? `the proxy: ${plainReason(cause)}` : message
  if (reasons[code] !== undefined) return reasons[code]
  if (/^(CERT|UNABLE_TO|SELF_SIGNED|INVALID_CA)_/.test(code))
    return `the certificate is not from an authority that is trusted here (${code})`
  if (code.startsWith('ERR_SSL_')) return `no TLS connection could be made (${code})`
  return message || String(error)
}

/** What is said of a request that was not made, for a reason of the guard's. */
export function nothingSent(reason: string): string {
  return `nothing was sent: the URL ${reason}`
}
