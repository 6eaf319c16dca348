import type { MigrationInterface, QueryRunner } from 'typeorm'
import {
  addColumn,
  changeCheck,
  column,
  createIndex,
  dropColumn,
  dropIndex,
} from '../platform/database/index.ts'

const { nullable, text } = column

const check = 'ck_api_keys_scope'
const before = `scope IN ('read', 'admin')`
const known = `scope IN ('read', 'admin', 'partner')`
const after = `${known} AND (scope = 'partner') = (account_id IS NOT NULL)`

const ofPartner = { name: 'ix_redeliveries_account_id', columns: ['accountId', 'id'] }

/** Lets a partner have a key of its own, and find the redeliveries that it asked for. */
export class PartnerKeys1795428000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumn(runner, 'api_keys', 'accountId', nullable(text(255)))
    await changeCheck(runner, 'api_keys', check, after)
    await createIndex(runner, 'redeliveries', ofPartner)
  }

  /** What is older knows no such keys. */
  async down(runner: QueryRunner): Promise<void> {
    await dropIndex(runner, 'redeliveries', ofPartner.name)
    await runner.query(`DELETE FROM api_keys WHERE scope = 'partner'`)
    await changeCheck(runner, 'api_keys', check, before)
    await dropColumn(runner, 'api_keys', 'account_id')
  }
}
