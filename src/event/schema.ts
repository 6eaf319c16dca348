import { column, table } from '../platform/database/index.ts'

const { integer, longText, nullable, text, time } = column

/**
 * Rows are only ever added, and nothing in them ever changes. `place` counts from 1 within the
 * batch.
 */
export const events = table('events', {
  columns: {
    id: text(40),
    batchId: text(40),
    place: integer(),
    type: text(40),
    subject: text(300),
    time: time(),
    data: longText(),
  },
  primary: ['id'],
  indexes: [{ name: 'uq_events_batch_id_place', columns: ['batchId', 'place'], unique: true }],
})

/**
 * Events that were written at once and are numbered at once, under the id of the first of them.
 * `last` is the number of the last, null as long as they have none.
 */
export const eventBatches = table('event_batches', {
  columns: { id: text(40), size: integer(), last: nullable(integer()) },
  primary: ['id'],
  indexes: [
    { name: 'uq_event_batches_last', columns: ['last'], unique: true },
    { name: 'ix_event_batches_unnumbered', columns: ['id'], where: 'last IS NULL' },
  ],
  checks: { ck_event_batches_size: 'size > 0', ck_event_batches_last: 'last >= size' },
})
