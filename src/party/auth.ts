import { z } from 'zod'
import { urlError } from '../platform/outbound/index.ts'
import type { Vault } from '../platform/secret.ts'
import { safeText } from '../platform/text.ts'

const visible = (most: number) =>
  safeText(1, most).regex(/^[!-~]+$/, 'must be printable ASCII without blanks')

/** RFC 7617, 2: a colon would end the name, and control characters are in neither. */
const basicText = (most: number) => safeText(1, most).regex(/^\P{Cc}*$/u, 'has control characters')

/** How Giro proves to a partner who it is, with the secrets in clear. */
export const authInput = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('basic'),
      username: basicText(255).refine((name) => !name.includes(':'), 'must not contain a colon'),
      password: basicText(1024),
    }),
    z.strictObject({
      type: z.literal('bearer'),
      // RFC 6750, 2.1
      token: safeText(1, 4096).regex(/^[\w.~+/-]+=*$/, 'is no bearer token (RFC 6750, 2.1)'),
    }),
    z.strictObject({
      type: z.literal('oauth2'),
      token_url: safeText(1, 2048).superRefine((url, context) => {
        const wrong = urlError(url)
        if (wrong !== null) context.addIssue({ code: 'custom', message: wrong })
      }),
      client_id: visible(255),
      client_secret: visible(1024),
      // RFC 6749, 3.3
      scope: safeText(1, 1024)
        .regex(/^[!#-[\]-~]+( [!#-[\]-~]+)*$/, 'must be words with one blank between')
        .optional(),
    }),
  ])
  .describe('the Authorization of each webhook; what is secret is kept encrypted, never shown')

export type Auth = z.output<typeof authInput>

const shown = {
  basic: z.object({ type: z.literal('basic'), username: z.string() }),
  bearer: z.object({ type: z.literal('bearer') }),
  oauth2: z.object({
    type: z.literal('oauth2'),
    token_url: z.string(),
    client_id: z.string(),
    scope: z.string().optional(),
  }),
}

/** Without what is secret. */
export const authJson = z.discriminatedUnion('type', [shown.basic, shown.bearer, shown.oauth2])

/** Names stay readable, secrets do not. */
export function sealAuth(auth: Auth | null, vault: Vault): string | null {
  return auth === null ? null : JSON.stringify(withSecret(auth, vault.seal))
}

/** In clear, for sending; throws where the key is another. */
export function openAuth(kept: string | null, vault: Vault): Auth | null {
  return kept === null ? null : withSecret(JSON.parse(kept) as Auth, vault.open)
}

export function shownAuth(kept: string | null): z.output<typeof authJson> | null {
  return kept === null ? null : authJson.parse(JSON.parse(kept))
}

function withSecret(auth: Auth, change: (secret: string) => string): Auth {
  switch (auth.type) {
    case 'basic':
      return { ...auth, password: change(auth.password) }
    case 'bearer':
      return { ...auth, token: change(auth.token) }
    case 'oauth2':
      return { ...auth, client_secret: change(auth.client_secret) }
  }
}
