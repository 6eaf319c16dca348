import { column, table } from '../platform/database/index.ts'

const { nullable, text, time } = column

const known = `scope IN ('read', 'admin', 'partner')`
const owned = `(scope = 'partner') = (account_id IS NOT NULL)`

/**
 * `hash` is the SHA-256 of the key; the key itself is shown once and kept nowhere. `accountId` is
 * the partner whose key it is; operators' keys have none.
 */
export const apiKeys = table('api_keys', {
  columns: {
    id: text(40),
    name: text(255),
    scope: text<'read' | 'admin' | 'partner'>(16),
    hash: text(64),
    createDate: time(),
    revokeDate: nullable(time()),
    accountId: nullable(text(255)),
  },
  primary: ['id'],
  indexes: [{ name: 'uq_api_keys_hash', columns: ['hash'], unique: true }],
  checks: { ck_api_keys_scope: `${known} AND ${owned}` },
})
