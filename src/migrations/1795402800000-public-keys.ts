import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addColumn, column, dropColumn } from '../platform/database/index.ts'

const { nullable, text } = column

/** Lets a route sign with a key pair, whose public half anybody may have. */
export class PublicKeys1795402800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'routes', 'publicKey', nullable(text(64)))
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumn(runner, 'routes', 'public_key')
  }
}
