import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addColumn, column, createTable, dropColumn } from '../platform/database/index.ts'

const { integer, longText, nullable, text, time } = column

/** The end of the year 9999: for as long as a route is disabled. */
const forever = 253_402_300_799_000

/** Gives each route a policy of its own, and keeps what is known of the lanes that fail. */
export class Lanes1795413600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'routes', 'policy', nullable(longText()))
    await createTable(runner, 'lanes', {
      columns: {
        routeId: text(40),
        state: text(16),
        heldUntil: nullable(time()),
        probe: nullable(text(40)),
        failures: integer(),
        pauses: integer(),
        openings: integer(),
        failingSince: nullable(time()),
        countedFrom: time(),
        reason: nullable(longText()),
        spentUntil: nullable(integer()),
        nextToken: nullable(time()),
      },
      primary: ['routeId'],
      indexes: [
        { name: 'ix_lanes_held_until', columns: ['heldUntil'], where: 'held_until IS NOT NULL' },
        { name: 'ix_lanes_next_token', columns: ['nextToken'], where: 'next_token IS NOT NULL' },
      ],
      checks: {
        ck_lanes_state: `state IN ('closed', 'open', 'half_open')`,
        ck_lanes_probe: `(state = 'half_open') = (probe IS NOT NULL)`,
        ck_lanes_counts: 'failures >= 0 AND pauses >= 0 AND openings >= 0',
      },
    })
    // Once more is as good as once: MariaDB commits what came before by itself.
    await runner.query('DELETE FROM lanes')
    await runner.query(
      `INSERT INTO lanes (route_id, state, held_until, failures, pauses, openings, counted_from)
        SELECT id, 'closed', ${forever}, 0, 0, 0, 0 FROM routes WHERE NOT enabled`,
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('lanes', true)
    await dropColumn(runner, 'routes', 'policy')
  }
}
