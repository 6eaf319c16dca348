import { z } from 'zod'
import { toIso } from '../platform/clock.ts'
import { type EventType, eventTypes, type NumberedEvent } from './event.ts'

const meanings = Object.entries(eventTypes).map(([type, meaning]) => `- \`${type}\`: ${meaning}`)

export const typeJson = z
  .enum(Object.keys(eventTypes) as [EventType, ...EventType[]])
  .meta({ id: 'EventType', description: meanings.join('\n') })

export const eventJson = z
  .object({
    id: z.string(),
    seq: z.string().regex(/^\d+$/).describe('its place in the order of all events'),
    type: typeJson,
    subject: z.string().describe('the id of what it happened to'),
    time: z.iso.datetime(),
    data: z.looseObject({}).describe('what belongs to it; of a payment, what its partner is told'),
  })
  .meta({ id: 'Event', description: 'Something that happened' })

export function viewEvent({ id, seq, type, subject, time, data }: NumberedEvent) {
  return { id, seq: `${seq}`, type, subject, time: toIso(time), data: JSON.parse(data) }
}
