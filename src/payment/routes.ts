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
import { paymentStatuses } from './payment.ts'
import { readWhole } from './read.ts'
import * as store from './store.ts'
import { ownPaymentJson, paymentJson, viewPayment, wholePaymentJson } from './view.ts'

export function paymentEndpoints(database: Database): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/payments',
      summary: 'List payments, newest first',
      scope: 'read',
      forPartners: true,
      query: z.strictObject({
        ...pageQuery,
        ...timeQuery,
        account_number: z.string().optional(),
        reference_number: z.string().optional(),
        status: z.enum(paymentStatuses).optional(),
        bank: z.string().optional(),
      }),
      answer: { status: 200, description: 'a page of payments', schema: pageOf(paymentJson) },
      refusals: [],
      async handle({ query, own }) {
        const after = idCursor(query)
        const rows = await database.read((db) =>
          store.listPayments(db, { ...query, own }, query.limit + 1, after),
        )
        return ok(toPage(rows, query, ({ id }) => [id], viewPayment))
      },
    }),
    endpoint({
      method: 'get',
      path: '/payments/{id}',
      summary: 'Read the whole life of a payment',
      scope: 'read',
      forPartners: true,
      params: z.object({ id: z.string() }),
      answer: {
        status: 200,
        description: 'the payment with its proof, transfer, deliveries and attempts',
        schema: z.union([wholePaymentJson, ownPaymentJson]),
      },
      refusals: ['not_found'],
      async handle({ params: { id }, own }) {
        const payment = await database.read((db) => readWhole(db, own, id))
        if (!payment) throw new Refused('not_found', `There is no payment ${id}.`)
        return ok(payment)
      },
    }),
  ]
}
