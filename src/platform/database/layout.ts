import type { Column } from './column.ts'
import { columnTypes } from './column-types.ts'
import type { Dialect } from './dialect.ts'
import { type Description, type Index, type Shape, snake } from './table.ts'

/** A table as one database has it; names are those of the database. */
export type Layout = {
  columns: LaidColumn[]
  indexes: { name: string; columns: string[]; unique: boolean; where?: string }[]
  checks: { name: string; expression: string }[]
}

type LaidColumn = {
  key: string
  name: string
  type: string
  length?: number
  charset?: string
  collation?: string
  nullable: boolean
  /** Its place in the primary key, from 1; 0 for those outside. */
  primary: number
  generated: boolean
}

/** Lays a table out for one database: types, keys and indexes in that database's way. */
export function layout<S extends Shape>(
  name: string,
  description: Description<S>,
  dialect: Dialect,
): Layout {
  const { columns, checks = {} } = description
  const { primary, indexes } = keysOf(name, description, dialect)
  return {
    columns: Object.entries(columns).map(([key, kind]) => laidColumn(key, kind, primary, dialect)),
    indexes: indexes.map((index) => ({
      name: index.name,
      columns: index.columns.map(snake),
      unique: index.unique ?? false,
      // MariaDB has no partial indexes. A unique one over a nullable column means the same whole.
      ...(index.where === undefined || dialect === 'mariadb' ? {} : { where: index.where }),
    })),
    checks: Object.entries(checks).map(([check, expression]) => ({ name: check, expression })),
  }
}

/**
 * A table whose rows are numbered themselves, as only migrations still have one: on SQLite the
 * number is the key by which rows are stored, and what names a row is unique beside it; elsewhere
 * the number comes later and is unique by itself.
 */
function keysOf<S extends Shape>(
  name: string,
  { columns, primary, indexes = [] }: Description<S>,
  dialect: Dialect,
): { primary: string[]; indexes: Index<S>[] } {
  const sequence = Object.keys(columns).find((key) => columns[key]?.kind === 'sequence')
  if (sequence === undefined) return { primary, indexes }
  const unique = (keys: string[]): Index<S> => {
    const columnNames = keys.map(snake).join('_')
    return { name: `uq_${name}_${columnNames}`, columns: keys as Index<S>['columns'], unique: true }
  }
  return dialect === 'sqlite'
    ? { primary: [sequence], indexes: [...indexes, unique(primary)] }
    : { primary, indexes: [...indexes, unique([sequence]), ...unnumbered(name, sequence, primary)] }

  /** Finds the rows that have no number yet; MariaDB finds them in the index of the numbers. */
  function unnumbered(table: string, number: string, key: Index<S>['columns']): Index<S>[] {
    if (dialect === 'mariadb') return []
    return [{ name: `ix_${table}_unnumbered`, columns: key, where: `${snake(number)} IS NULL` }]
  }
}

function laidColumn(
  key: string,
  { kind, length, nullable }: Column<unknown>,
  primary: string[],
  dialect: Dialect,
): LaidColumn {
  const { type, ...words } = columnTypes[kind][dialect]
  const generated = kind === 'sequence' && primary.includes(key)
  return {
    key,
    name: snake(key),
    type: `${type}`,
    ...words,
    ...(length === undefined ? {} : { length }),
    nullable: nullable && !generated,
    primary: primary.indexOf(key) + 1,
    generated,
  }
}
