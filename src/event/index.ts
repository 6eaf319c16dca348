export type { Event, EventType, NewEvent } from './event.ts'
export { createNumberer, numberAll } from './number.ts'
export { events } from './schema.ts'
export { append, byIds } from './store.ts'
