import { z } from 'zod'
import type { Row } from '../platform/database/index.ts'
import { urlError } from '../platform/outbound/index.ts'
import type { FieldError } from '../platform/problem.ts'
import { safeText } from '../platform/text.ts'
import { authInput } from './auth.ts'
import { certificateInput } from './client-certificate.ts'
import { headersInput } from './headers.ts'
import { policyShape } from './policy.ts'
import type { oldSecrets, partners, payers, routes } from './schema.ts'
import { schemes } from './secret.ts'

export type Partner = Row<typeof partners>
export type Payer = Row<typeof payers>
export type Route = Row<typeof routes>
export type OldSecret = Row<typeof oldSecrets>
export type NotifyMethod = Route['notifyMethod']
export type CheckedChange = z.output<typeof inputs.changeOfRoute>
export type Digest = NonNullable<Route['digest']>

export const notifyMethods = ['api', 'email', 'sms'] as const satisfies readonly NotifyMethod[]

/** How often an e-mail tells of all payments since the last one. */
export const digests = ['hourly', 'daily'] as const satisfies readonly Digest[]

/** Whether a route keeps the order of the payments. */
export const orderings = ['none', 'strict'] as const

const orderingHelp = 'strict: one at a time, in the order of the payments'

/** What is kept of an ordering: the one there is, or none. */
export function keptOrdering(given: (typeof orderings)[number]): Route['ordering'] {
  return given === 'strict' ? given : null
}

export function isStrict({ ordering }: Pick<Route, 'ordering'>): boolean {
  return ordering === 'strict'
}

const partyId = safeText(1, 255)
const name = safeText(1, 255)

const contactEmail = z
  .email('is not an e-mail address')
  .max(320)
  .nullable()
  .describe('whom to write to about the routes of the partner')

const schemeHelp = 'v1 (default): HMAC-SHA256 with a shared secret; v1a: ed25519'

/** A week: who has not put in the new secret by then has forgotten it. */
const longestOverlapS = 7 * 24 * 60 * 60

const overlapHelp = 'seconds for which secrets before the new one sign as well; 0 ends them at once'

const digestInput = z
  .enum(digests)
  .nullable()
  .optional()
  .describe('one e-mail an hour or a day, with all payments since the last; null: one for each')

/** What it takes to create or change a party, whoever asks for it. */
export const inputs = {
  payer: z.strictObject({ id: partyId, name }),
  partner: z.strictObject({ account_id: partyId, name, contact_email: contactEmail.optional() }),
  changeOfPartner: z.strictObject({
    name: name.optional(),
    contact_email: contactEmail.optional(),
  }),
  changeOfName: z.strictObject({ name }),
  route: z
    .strictObject({
      notify_method: z.enum(notifyMethods),
      contact_path: safeText(1, 2048),
      signature: z.enum(schemes).optional().describe(schemeHelp),
      headers: headersInput.optional(),
      auth: authInput.optional(),
      client_certificate: certificateInput.optional(),
      digest: digestInput,
      ordering: z.enum(orderings).default('none').describe(orderingHelp),
      ...policyShape,
    })
    .refine((route) => route.notify_method === 'api' || route.signature === undefined, {
      path: ['signature'],
      error: 'is for the method api: e-mail and SMS are not signed',
    })
    .superRefine(({ notify_method: notifyMethod, digest = null, ordering }, { addIssue }) => {
      const wrong = digestError({ notifyMethod, digest, ordering: keptOrdering(ordering) })
      if (wrong !== null) addIssue({ code: 'custom', path: ['digest'], message: wrong.detail })
    }),
  changeOfRoute: z.strictObject({
    contact_path: safeText(1, 2048).optional(),
    enabled: z.boolean().optional(),
    ordering: z.enum(orderings).optional().describe(orderingHelp),
    headers: headersInput.optional().describe('takes the place of all that were there'),
    auth: authInput.nullable().optional().describe('null: none from now on'),
    client_certificate: certificateInput.nullable().optional().describe('null: none from now on'),
    digest: digestInput,
    ...policyShape,
  }),
  rotation: z.strictObject({
    overlap: z.int().min(0).max(longestOverlapS).default(86_400).describe(overlapHelp),
  }),
}

/** What stands against a contact path: it is an http(s) URL, one e-mail address, or one number. */
const contactErrors: Record<NotifyMethod, (contactPath: string) => string | null> = {
  api: urlError,
  email: addressError,
  sms: numberError,
}

export function contactError(method: NotifyMethod, contactPath: string): FieldError | null {
  const detail = contactErrors[method](contactPath)
  return detail === null ? null : { pointer: '/contact_path', detail }
}

function addressError(contactPath: string): string | null {
  return z.email().safeParse(contactPath).success ? null : 'is not an e-mail address'
}

/** E.164, as all providers take it. */
function numberError(contactPath: string): string | null {
  if (/^\+[1-9]\d{7,14}$/.test(contactPath)) return null
  return 'is not a phone number such as +254711223344: + and 8 to 15 digits'
}

type Telling = Pick<Route, 'notifyMethod' | 'digest' | 'ordering'>

/** Why a route cannot have the digest it is to have. */
export function digestError({ notifyMethod, digest, ordering }: Telling): FieldError | null {
  if (digest === null) return null
  if (notifyMethod !== 'email') return noDigest('is for the method email: others tell of one each')
  return ordering === null ? null : noDigest('tells of all at once: its ordering must be none')
}

function noDigest(detail: string): FieldError {
  return { pointer: '/digest', detail }
}
