import { z } from 'zod'
import type { Database } from '../platform/database/index.ts'
import {
  type Endpoint,
  endpoint,
  idCursor,
  ok,
  pageOf,
  pageQuery,
  timeQuery,
  toPage,
} from '../platform/http/index.ts'
import { Refused } from '../platform/problem.ts'
import type { ArchiveStore } from './archive-store.ts'
import { content } from './content.ts'
import { outcomes } from './proof.ts'
import * as store from './store.ts'
import { proofJson, viewProof } from './view.ts'

const ofProof = z.object({ id: z.string() })

export function proofEndpoints(deps: { database: Database; archive: ArchiveStore }): Endpoint[] {
  const { database, archive } = deps
  return [
    endpoint({
      method: 'get',
      path: '/proofs',
      summary: 'List what banks sent, newest first',
      scope: 'read',
      query: z.strictObject({
        ...pageQuery,
        ...timeQuery,
        bank: z.string().optional(),
        outcome: z.enum(outcomes).optional(),
      }),
      answer: { status: 200, description: 'a page of proofs', schema: pageOf(proofJson) },
      refusals: [],
      async handle({ query }) {
        const after = idCursor(query)
        const rows = await database.read((db) =>
          store.listProofs(db, query, query.limit + 1, after),
        )
        return ok(toPage(rows, query, ({ id }) => [id], viewProof))
      },
    }),
    endpoint({
      method: 'get',
      path: '/proofs/{id}',
      summary: 'Read what is known of a notice',
      scope: 'read',
      params: ofProof,
      answer: { status: 200, description: 'the proof', schema: proofJson },
      refusals: ['not_found'],
      async handle({ params: { id } }) {
        const proof = (await database.read((db) => store.proofsById(db, [id]))).get(id)
        if (!proof) throw new Refused('not_found', `There is no proof ${id}.`)
        return ok(viewProof(proof))
      },
    }),
    endpoint({
      method: 'get',
      path: '/proofs/{id}/content',
      summary: 'The exact bytes that the bank sent',
      scope: 'read',
      params: ofProof,
      answer: {
        status: 200,
        description: 'the body of the notice',
        contentType: 'application/octet-stream',
        schema: z.string().meta({ format: 'binary' }),
      },
      refusals: ['not_found'],
      async handle({ params: { id } }) {
        const found = await content(database, archive, id)
        if (!found) throw new Refused('not_found', `There is no proof ${id}.`)
        const headers = {
          'content-disposition': `attachment; filename="${id}.bin"`,
          'x-content-type-options': 'nosniff',
        }
        return { status: 200, bytes: found.body, headers }
      },
    }),
  ]
}
