import type { ZodOpenApiPathsObject } from 'zod-openapi'
import { problemResponses } from '../platform/http/openapi.ts'
import type { ProblemCode } from '../platform/problem.ts'
import type { Providers } from './providers.ts'

const codes: ProblemCode[] = [
  'unauthorized',
  'request_timeout',
  'body_too_large',
  'invalid',
  'unavailable',
]

/** Where providers of SMS report, in the API's description (OpenAPI 3.1). */
export function reportPaths({ all }: Providers): ZodOpenApiPathsObject {
  return Object.fromEntries(
    all.map(({ provider: { name, documentation } }) => [
      `/sms/reports/${name}`,
      {
        post: {
          summary: `What became of a text that ${name} took`,
          requestBody: {
            content: { [documentation.contentType]: { schema: documentation.report } },
          },
          responses: {
            '204': { description: 'the report is kept, or was known' },
            ...problemResponses(codes),
          },
        },
      },
    ]),
  )
}
