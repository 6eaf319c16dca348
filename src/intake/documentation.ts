import type { ZodOpenApiPathsObject } from 'zod-openapi'
import { problemResponses } from '../platform/http/openapi.ts'
import type { ProblemCode } from '../platform/problem.ts'
import type { Bank } from './bank.ts'

/** Every door may say these; what else it refuses is its adapter's business. */
const codes: ProblemCode[] = [
  'json_unreadable',
  'idempotency_key_invalid',
  'unauthorized',
  'request_timeout',
  'idempotency_conflict',
  'transaction_conflict',
  'body_too_large',
  'unsupported_media_type',
  'invalid',
  'amount_invalid',
  'currency_unknown',
  'payer_unknown',
  'partner_unknown',
  'balance_out_of_range',
  'unavailable',
]

/** The banks' doors in the API's description (OpenAPI 3.1). */
export function intakePaths(banks: Bank[]): ZodOpenApiPathsObject {
  return Object.fromEntries(
    banks.map(({ name, documentation: { contentType, notice, answer } }) => [
      `/${name}`,
      {
        post: {
          summary: `A payment notice of ${name}`,
          requestParams: {},
          parameters: [
            {
              in: 'header',
              name: 'Idempotency-Key',
              description: '1 to 255 visible ASCII characters; a repeat gets the first answer',
              schema: { type: 'string', minLength: 1, maxLength: 255 },
            },
          ],
          requestBody: { content: { [contentType]: { schema: notice } } },
          responses: {
            '201': {
              description: 'the payment; the notice is kept and the money booked',
              content: { 'application/json': { schema: answer } },
            },
            ...problemResponses(codes),
          },
        },
      },
    ]),
  )
}
