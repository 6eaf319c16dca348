import { column, table } from '../platform/database/index.ts'

const { nullable, text, time } = column

/** `hash` is the SHA-256 of the key; the key itself is shown once and kept nowhere. */
export const apiKeys = table('api_keys', {
  columns: {
    id: text(40),
    name: text(255),
    scope: text<'read' | 'admin'>(16),
    hash: text(64),
    createDate: time(),
    revokeDate: nullable(time()),
  },
  primary: ['id'],
  indexes: [{ name: 'uq_api_keys_hash', columns: ['hash'], unique: true }],
  checks: { ck_api_keys_scope: `scope IN ('read', 'admin')` },
})
