import { z } from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi'
import { catalogue, type ProblemCode } from '../problem.ts'
import type { Endpoint } from './endpoint.ts'

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(Object.keys(catalogue) as [ProblemCode, ...ProblemCode[]]),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details, RFC 9457' })

type Info = { title: string; version: string; prefix: string }

/** The API's description (OpenAPI 3.1), made from the same schemas that check the requests. */
export function openApi(endpoints: Endpoint[], others: ZodOpenApiPathsObject, info: Info): unknown {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const one of endpoints) {
    const path = info.prefix + one.path
    paths[path] = { ...paths[path], [one.method]: operation(one) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: info.title, version: info.version },
    paths: { ...others, ...paths },
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'an API key' } },
    },
  })
}

function operation(one: Endpoint): ZodOpenApiOperationObject {
  const { answer } = one
  const contentType = answer.contentType ?? 'application/json'
  return {
    summary: one.summary,
    security: one.scope ? [{ key: [] }] : [],
    ...(one.scope && { description: needs(one) }),
    requestParams: {
      ...(one.params instanceof z.ZodObject && { path: one.params }),
      ...(one.query instanceof z.ZodObject && { query: one.query }),
      ...(one.headers instanceof z.ZodObject && { header: one.headers }),
    },
    ...(one.body && { requestBody: { content: { 'application/json': { schema: one.body } } } }),
    responses: {
      [`${answer.status}` as '200']: {
        description: answer.description,
        ...(answer.schema && { content: { [contentType]: { schema: answer.schema } } }),
      },
      ...problemResponses(refusalsOf(one)),
    },
  }
}

function needs({ scope, forPartners }: Endpoint): string {
  if (!forPartners) return `Needs an API key with the scope ${scope}.`
  return (
    `Needs an API key with the scope ${scope}, or with the scope partner: then there is nothing ` +
    'but what is that partner’s own.'
  )
}

/** What any endpoint may answer, beside what it says itself. */
function refusalsOf(one: Endpoint): ProblemCode[] {
  const always: ProblemCode[] = ['unavailable']
  const withKey: ProblemCode[] = one.scope ? ['unauthorized'] : []
  const mayBeOther = one.scope === 'admin' || (one.scope !== null && !one.forPartners)
  const withOther: ProblemCode[] = mayBeOther ? ['forbidden'] : []
  const withInput: ProblemCode[] =
    one.params || one.query || one.headers || one.body ? ['invalid', 'bad_request'] : []
  const withBody: ProblemCode[] = one.body
    ? ['json_unreadable', 'unsupported_media_type', 'body_too_large', 'request_timeout']
    : []
  return [...one.refusals, ...withKey, ...withOther, ...withInput, ...withBody, ...always]
}

export function problemResponses(codes: ProblemCode[]): ZodOpenApiOperationObject['responses'] {
  const byStatus = Map.groupBy(codes, (code) => catalogue[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      `${status}`,
      {
        description: [...new Set(some)]
          .map((code) => `${code}: ${catalogue[code].title}`)
          .join('; '),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  )
}
