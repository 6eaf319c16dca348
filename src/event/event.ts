/** What can happen. The names are a contract: partners and bridges read them. */
export type EventType =
  | 'delivery.delivered'
  | 'delivery.failed'
  | 'delivery.requeued'
  | 'key.created'
  | 'key.revoked'
  | 'notice.duplicate'
  | 'notice.refused'
  | 'partner.changed'
  | 'partner.created'
  | 'partner.deleted'
  | 'payer.changed'
  | 'payer.created'
  | 'payer.deleted'
  | 'payment.failed'
  | 'payment.notified'
  | 'payment.received'
  | 'route.changed'
  | 'route.created'
  | 'route.deleted'
  | 'route.secret_rotated'

/** Something that happened: to what (`subject`, an id), when, and the numbers that belong to it. */
export type NewEvent = {
  id: string
  type: EventType
  subject: string
  time: number
  data: Record<string, unknown>
}

/**
 * An event as it was written; `data` is the JSON text, byte for byte the same at every reading.
 * `seq` is its place in the order of all events, null as long as it has none.
 */
export type Event = Omit<NewEvent, 'data'> & { seq: number | null; data: string }
