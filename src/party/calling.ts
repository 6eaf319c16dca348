import type { z } from 'zod'
import type { Guard } from '../platform/outbound/index.ts'
import { Refused } from '../platform/problem.ts'
import { sealAuth } from './auth.ts'
import { sealCertificate } from './client-certificate.ts'
import { headerNames, sealHeaders } from './headers.ts'
import type { KeepDeps } from './keep.ts'
import type { inputs, Route } from './party.ts'

/** What a webhook has beside its event, as it is kept. */
type Calling = Pick<Route, 'notifyMethod' | 'headers' | 'auth' | 'clientCertificate'>

type Change = Pick<z.output<typeof inputs.changeOfRoute>, 'headers' | 'auth' | 'client_certificate'>

const webhooksOnly = {
  headers: 'are for the method api: e-mail and SMS have none of their own',
  auth: 'is for the method api',
  client_certificate: 'is for the method api',
} as const

/** What is not said stays; null takes away. */
export function calling(
  old: Calling,
  { headers, auth, client_certificate: certificate }: Change,
  { vault, clock }: Pick<KeepDeps, 'vault' | 'clock'>,
): Calling {
  if (old.notifyMethod !== 'api') {
    if (headers !== undefined) throw wrong('/headers', webhooksOnly.headers)
    if (auth !== undefined) throw wrong('/auth', webhooksOnly.auth)
    if (certificate !== undefined)
      throw wrong('/client_certificate', webhooksOnly.client_certificate)
  }
  const now = { ...old }
  if (headers !== undefined) now.headers = sealHeaders(headers, vault)
  if (auth !== undefined) now.auth = sealAuth(auth, vault)
  if (certificate !== undefined)
    now.clientCertificate = certificate && sealCertificate(certificate, vault, clock.now())
  requireOneAuthorization(now, headers === undefined)
  return now
}

/** Whether a change has anything that is kept encrypted. */
export function seals({ headers, auth, client_certificate: certificate }: Change): boolean {
  return Boolean(headers || auth || certificate)
}

/** A token is fetched only from where a webhook might be sent. */
export async function requireTokenUrl(guard: Guard, { auth }: Change): Promise<void> {
  const detail = auth?.type === 'oauth2' ? await guard.judgeResolved(auth.token_url) : null
  if (detail !== null) throw wrong('/auth/token_url', detail)
}

function requireOneAuthorization({ headers, auth }: Calling, wereThere: boolean): void {
  const own = headerNames(headers).find((name) => name.toLowerCase() === 'authorization')
  if (auth === null || own === undefined) return
  if (wereThere) throw wrong('/auth', `sets the header ${own}, which the route has`)
  throw wrong(`/headers/${own}`, 'is the header that auth sets')
}

function wrong(pointer: string, detail: string): Refused {
  return new Refused('invalid', 'The route is not valid.', [{ pointer, detail }])
}
