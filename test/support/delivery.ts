import type { Delivery } from '../../src/delivery/index.ts'
import type { Json, Operator } from './http.ts'
import { until } from './until.ts'

/** The whole life of a payment, as soon as its status is this one. */
export async function paymentIn(api: Operator, id: string, status: string): Promise<Json> {
  let last: Json
  return until(
    () => `the payment is ${status}; at last it was ${JSON.stringify(last, null, 2)}`,
    async () => {
      const { json } = await api.get(`/payments/${id}`)
      last = json
      return json.status === status && json
    },
  )
}

/** A delivery that is done, as the database has it. */
export function doneDelivery(id: string, change: Partial<Delivery> = {}): Delivery {
  return {
    id,
    paymentId: id,
    accountId: 'partner1',
    routeId: 'rte',
    notifyMethod: 'api',
    eventId: 'evt',
    status: 'delivered',
    attempts: 1,
    dueDate: null,
    claimId: null,
    createDate: 1,
    finishDate: 2,
    digestId: null,
    ...change,
  }
}

/** One that is to be tried. */
export function openDelivery(id: string, change: Partial<Delivery> = {}): Delivery {
  return doneDelivery(id, { status: 'pending', finishDate: null, dueDate: 1, ...change })
}
