import { column, table } from '../platform/database/index.ts'

const { integer, nullable, text, time } = column

/**
 * Who waits on strict routes: one delivery each. `seq` is the number of the event that it tells,
 * null until that has one and somebody saw it; `due_date` is what the delivery would have, were it
 * its turn.
 */
export const turns = table('turns', {
  columns: {
    deliveryId: text(40),
    routeId: text(40),
    eventId: text(40),
    dueDate: time(),
    seq: nullable(integer()),
  },
  primary: ['deliveryId'],
  indexes: [
    { name: 'ix_turns_route_id', columns: ['routeId', 'seq'] },
    { name: 'ix_turns_seq', columns: ['seq'], where: 'seq IS NULL' },
  ],
})
