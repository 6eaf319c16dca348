import type { ColumnType } from 'typeorm'
import type { Spelt } from './dialect.ts'

export type Kind = 'text' | 'longText' | 'bigint' | 'flag' | 'bytes' | 'sequence'

type Stored = { type: ColumnType; charset?: string; collation?: string }

/**
 * How each kind of column is stored. Text is compared by its bytes, so that `payer1`, `PAYER1` and
 * `payer1 ` are three: SQLite does so by itself, PostgreSQL in the collation C, MariaDB only in one
 * that neither folds letters nor pads with blanks.
 */
export const columnTypes: Record<Kind, Spelt<Stored>> = {
  text: {
    sqlite: { type: 'varchar' },
    postgres: { type: 'character varying', collation: 'C' },
    mariadb: { type: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_nopad_bin' },
  },
  // MariaDB's TEXT ends at 64 KiB, and an answer to a bank or an event may be longer.
  longText: {
    sqlite: { type: 'text' },
    postgres: { type: 'text', collation: 'C' },
    mariadb: { type: 'mediumtext', charset: 'utf8mb4', collation: 'utf8mb4_nopad_bin' },
  },
  bigint: {
    sqlite: { type: 'bigint' },
    postgres: { type: 'bigint' },
    mariadb: { type: 'bigint' },
  },
  flag: {
    sqlite: { type: 'boolean' },
    postgres: { type: 'boolean' },
    mariadb: { type: 'tinyint' },
  },
  // MariaDB's BLOB ends at 64 KiB; a notice may have 1 MiB.
  bytes: {
    sqlite: { type: 'blob' },
    postgres: { type: 'bytea' },
    mariadb: { type: 'mediumblob' },
  },
  // SQLite numbered rows as they were written; elsewhere the number came after the commit.
  sequence: {
    sqlite: { type: 'integer' },
    postgres: { type: 'bigint' },
    mariadb: { type: 'bigint' },
  },
}
