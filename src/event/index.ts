export type { Event, EventType, NewEvent } from './event.ts'
export { events } from './schema.ts'
export { append, byIds } from './store.ts'
