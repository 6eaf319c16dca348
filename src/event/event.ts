/** What can happen and what it means. The names are a contract: partners and bridges read them. */
export const eventTypes = {
  'delivery.delivered': 'A partner has taken a payment on one of its routes.',
  'delivery.failed': 'A delivery has given up after its last attempt.',
  'delivery.parked': 'A delivery has given up and lets those behind it on its strict route go on.',
  'delivery.reported': 'A provider of SMS has said what became of a message that it took.',
  'delivery.requeued': 'A delivery was put on its way again.',
  'key.created': 'An API key was made.',
  'key.revoked': 'An API key was made useless.',
  'lane.closed':
    'A route is sent on again as ever: an attempt got through, or an operator said so.',
  'lane.opened': 'A route failed so often that nothing is sent on it but a try now and then.',
  'notice.duplicate': 'A bank has sent a notice again; no money was moved.',
  'notice.refused': 'A notice was refused or could not be read; it is kept as proof.',
  'partner.changed': 'A partner was changed.',
  'partner.created': 'A partner was registered.',
  'partner.deleted': 'A partner was removed.',
  'payer.changed': 'A payer was changed.',
  'payer.created': 'A payer was registered.',
  'payer.deleted': 'A payer was removed.',
  'payment.failed': 'All deliveries of a payment are done, and not all of them got through.',
  'payment.notified': 'All deliveries of a payment got through.',
  'payment.received': 'A payment was booked for a partner.',
  'redelivery.canceled': 'An operator has ended a redelivery before it was done.',
  'redelivery.finished': 'A redelivery of many is done with all that it found.',
  'redelivery.started': 'A redelivery of many was asked for.',
  'route.changed': 'A way to tell a partner was changed.',
  'route.created': 'A partner got another way to be told.',
  'route.deleted': 'A way to tell a partner was removed.',
  'route.disabled': 'A route was disabled by what its partner answered, or failed too long.',
  'route.failing':
    'No attempt got through on a route for a share of the time after which it is disabled.',
  'route.secret_rotated': 'A route got another secret; the one before is good for a while yet.',
} as const

export type EventType = keyof typeof eventTypes

/** Something that happened: to what (`subject`, an id), when, and the numbers that belong to it. */
export type NewEvent = {
  id: string
  type: EventType
  subject: string
  time: number
  data: Record<string, unknown>
}

/** An event as it was written; `data` is the JSON text, byte for byte the same at every reading. */
export type Event = Omit<NewEvent, 'data'> & { data: string }

/** `seq` is its place in the order of all events. */
export type NumberedEvent = Event & { seq: number }
