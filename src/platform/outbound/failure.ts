import { TooLate } from './connection.ts'
import { Forbidden } from './guard.ts'
import { ProxyFailure } from './proxy.ts'

const untrusted = 'the certificate is not from an authority that is trusted here'
const unfit = 'the answer does not fit the request, as an unasked 100 Continue does not'
const noTls = 'no TLS connection could be made'

/** In words, by the code of Node, of its DNS, of OpenSSL, or of undici; the rest is by its kind. */
const reasons: Record<string, string> = {
  ENOTFOUND: 'the name of the host is unknown',
  ENODATA: 'the name of the host has no address',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EAI_FAIL: 'the name of the host could not be looked up',
  ESERVFAIL: 'the name of the host could not be looked up',
  EREFUSED: 'the name of the host could not be looked up',
  EBADRESP: 'the name of the host could not be looked up',
  ETIMEOUT: 'no name server answered in time',

  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  EHOSTDOWN: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENETDOWN: 'the network cannot be reached',
  EADDRNOTAVAIL: 'the network cannot be reached',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_SOCKET: 'the connection was closed before an answer',
  UND_ERR_CLOSED: 'the route was changed before anything was sent',
  UND_ERR_DESTROYED: 'Giro was stopped before an answer',

  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer is not HTTP: its length is another than it says',
  UND_ERR_HEADERS_OVERFLOW: 'the answer is not HTTP: its head is too long',

  EPROTO: noTls,
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_REVOKED: 'the certificate was revoked',
  CERT_SIGNATURE_FAILURE: 'the certificate has a wrong signature',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  HOSTNAME_MISMATCH: 'the certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: `${untrusted} (SELF_SIGNED_CERT_IN_CHAIN)`,
}

/** Why a request failed, in words that tell names, connections, TLS and certificates apart. */
export function plainReason(error: unknown): string {
  if (error instanceof Forbidden) return nothingSent(error.message)
  if (error instanceof TooLate) return error.message
  const { code = '', name, message, cause } = error as Error & { code?: string }
  if (error instanceof ProxyFailure) return cause ? `the proxy: ${plainReason(cause)}` : message
  if (refusesUs(error)) return `our certificate was not accepted (${code})`
  if (message === 'bad response') return unfit
  if (message === 'bad upgrade') return 'the partner wants another protocol'
  if (/before secure TLS connection/.test(message)) return 'the connection was closed during TLS'
  if (reasons[code] !== undefined) return reasons[code]
  if (/^(CERT|UNABLE_TO|SELF_SIGNED|INVALID|PATH_LENGTH)_/.test(code))
    return `${untrusted} (${code})`
  if (code.startsWith('ERR_SSL_')) return `${noTls} (${code})`
  if (name === 'HTTPParserError') return 'the answer is not HTTP'
  return message || code || String(error)
}

/**
 * Whether TLS ended because of the certificate that we have or have not shown. Under TLS 1.3 that
 * is heard only after the request was written, which nobody has read then.
 */
export function refusesUs(error: unknown): boolean {
  const { code = '' } = error as { code?: string }
  return /^ERR_SSL_.*ALERT_.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code)
}

/** What is said of a request that was not made, for a reason of the guard's. */
export function nothingSent(reason: string): string {
  return `nothing was sent: the URL ${reason}`
}
