import type { MigrationInterface, QueryRunner } from 'typeorm'
import { column, createTable, renameTable } from '../platform/database/index.ts'

const { integer, longText, nullable, sequence, text, time } = column

const told = { type: text(40), subject: text(300), time: time(), data: longText() }

const aside = 'events_before'

/** The number before the first of a batch. */
const chunk = 'seq - 1 - (seq - 1) % 256'

/**
 * Gives events their numbers by batches: a batch has a row that gets the number, and no event is
 * ever written again. Each step is safe to repeat, since MariaDB commits those before by itself.
 */
export class EventBatches1795442400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'event_batches', {
      columns: { id: text(40), size: integer(), last: nullable(integer()) },
      primary: ['id'],
      indexes: [
        { name: 'uq_event_batches_last', columns: ['last'], unique: true },
        { name: 'ix_event_batches_unnumbered', columns: ['id'], where: 'last IS NULL' },
      ],
      checks: { ck_event_batches_size: 'size > 0', ck_event_batches_last: 'last >= size' },
    })
    if (await runner.hasColumn('events', 'seq')) await renameTable(runner, 'events', aside)
    await createTable(runner, 'events', {
      columns: { id: text(40), batchId: text(40), place: integer(), ...told },
      primary: ['id'],
      indexes: [{ name: 'uq_events_batch_id_place', columns: ['batchId', 'place'], unique: true }],
    })
    if (await runner.hasTable(aside))
      await replace(runner, ['event_batches', 'events'], intoBatches)
  }

  async down(runner: QueryRunner): Promise<void> {
    if (await runner.hasColumn('events', 'place')) await renameTable(runner, 'events', aside)
    await createTable(runner, 'events', {
      columns: { seq: sequence(), id: text(40), ...told },
      primary: ['id'],
    })
    if (await runner.hasTable(aside)) await replace(runner, ['events'], outOfBatches)
    await runner.dropTable('event_batches', true)
  }
}

/** Fills tables with what was put aside, which is then gone. */
async function replace(runner: QueryRunner, tables: string[], fill: string[]): Promise<void> {
  for (const table of tables) await runner.query(`DELETE FROM ${table}`)
  for (const statement of fill) await runner.query(statement)
  await runner.dropTable(aside)
}

const intoBatches = [
  `INSERT INTO event_batches (id, size, last)
    SELECT MIN(id), COUNT(*), MAX(seq) FROM ${aside} WHERE seq IS NOT NULL GROUP BY ${chunk}`,
  `INSERT INTO event_batches (id, size, last) SELECT id, 1, NULL FROM ${aside} WHERE seq IS NULL`,
  `INSERT INTO events (id, batch_id, place, type, subject, time, data)
    SELECT id, MIN(id) OVER (PARTITION BY ${chunk}),
      ROW_NUMBER() OVER (PARTITION BY ${chunk} ORDER BY seq), type, subject, time, data
    FROM ${aside} WHERE seq IS NOT NULL`,
  `INSERT INTO events (id, batch_id, place, type, subject, time, data)
    SELECT id, id, 1, type, subject, time, data FROM ${aside} WHERE seq IS NULL`,
]

const outOfBatches = [
  `INSERT INTO events (seq, id, type, subject, time, data)
    SELECT last - size + place, ${aside}.id, type, subject, time, data
    FROM ${aside} JOIN event_batches ON event_batches.id = batch_id ORDER BY last, place`,
]
