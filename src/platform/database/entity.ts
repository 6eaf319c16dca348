import { type ColumnType, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'
import type { Dialect } from './dialect.ts'
import { type Layout, layout } from './layout.ts'
import type { Table } from './table.ts'

/** A table as TypeORM's tools see it: for its command line, and to compare with what is there. */
export function entity({ name, description }: Table, dialect: Dialect): EntitySchema {
  const { columns, indexes, checks } = layout(name, description, dialect)
  const keys = new Map(columns.map((column) => [column.name, column.key]))
  return new EntitySchema({
    name,
    tableName: name,
    columns: Object.fromEntries(columns.map((column) => [column.key, options(name, column)])),
    indices: indexes.map(({ columns: names, ...index }) => ({
      ...index,
      columns: names.map((one) => keys.get(one) ?? one),
    })),
    checks: dialect === 'mariadb' ? [] : checks,
  })
}

function options(table: string, column: Layout['columns'][number]): EntitySchemaColumnOptions {
  const { name, type, length, charset, collation, nullable, primary, generated } = column
  return {
    name,
    type: type as ColumnType,
    nullable,
    ...(length === undefined ? {} : { length }),
    ...(charset === undefined ? {} : { charset }),
    ...(collation === undefined ? {} : { collation }),
    ...(generated ? { generated: 'increment' as const } : {}),
    ...(primary > 0 ? { primary: true, primaryKeyConstraintName: `pk_${table}` } : {}),
  }
}
