import type { Event, EventType } from '../event/index.ts'
import { toIso } from '../platform/clock.ts'
import { formatAmount } from '../platform/money.ts'
import type { Payment } from './payment.ts'

/** What happens to payments and to their deliveries. */
export const paymentEventTypes: EventType[] = [
  'payment.received',
  'payment.notified',
  'payment.failed',
  'delivery.delivered',
  'delivery.failed',
  'delivery.parked',
  'delivery.reported',
  'delivery.requeued',
]

/** The payment that it happened to; events of deliveries name theirs. */
export function paymentIdOf(event: Event): string {
  return ofDelivery(event)?.payment_id ?? event.subject
}

/** Such an event with what tells a person which payment it is. */
export function viewHappened(event: Event, payment: Payment) {
  const told = ofDelivery(event)
  return {
    time: toIso(event.time),
    type: event.type,
    payment_id: payment.id,
    bank: payment.bank,
    reference_number: payment.referenceNumber,
    account_number: payment.accountNumber,
    amount: formatAmount(payment),
    currency: payment.currency,
    delivery_id: told ? event.subject : null,
    notify_method: told?.notify_method ?? null,
  }
}

type OfDelivery = { payment_id: string; notify_method?: string }

function ofDelivery({ type, data }: Event): OfDelivery | null {
  return type.startsWith('delivery.') ? JSON.parse(data) : null
}
