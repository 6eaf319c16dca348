import { type QueryRunner, Table } from 'typeorm'
import { dialectOf } from './dialect.ts'
import { type Layout, layout } from './layout.ts'
import type { Description, Shape } from './table.ts'

/** Creates a table from the same kind of description that the code has, as it was at that time. */
export async function createTable<S extends Shape>(
  runner: QueryRunner,
  name: string,
  description: Description<S>,
): Promise<void> {
  const dialect = dialectOf(runner.dataSource)
  const laid = layout(name, description, dialect)
  if (dialect === 'mariadb') await runner.query(mariadbTable(name, laid))
  else await runner.createTable(typeormTable(name, laid))
}

function typeormTable(name: string, { columns, indexes, checks }: Layout): Table {
  return new Table({
    name,
    columns: columns.map((column) => ({
      name: column.name,
      type: column.type,
      isNullable: column.nullable,
      ...(column.length === undefined ? {} : { length: `${column.length}` }),
      ...(column.collation === undefined ? {} : { collation: column.collation }),
      ...(column.generated ? { isGenerated: true, generationStrategy: 'increment' } : {}),
      ...(column.primary > 0 ? { isPrimary: true, primaryKeyConstraintName: `pk_${name}` } : {}),
    })),
    indices: indexes.map(({ columns: columnNames, unique, ...index }) => ({
      ...index,
      columnNames,
      isUnique: unique,
    })),
    checks,
  })
}

/**
 * One statement of our own, since TypeORM cannot give MariaDB checks. MariaDB commits each
 * statement that changes a schema at once, so each must be safe to repeat after a break half-way.
 */
function mariadbTable(name: string, { columns, indexes, checks }: Layout): string {
  const primary = columns.filter((column) => column.primary > 0)
  const ordered = primary.toSorted((a, b) => a.primary - b.primary).map((column) => column.name)
  const lines = [
    ...columns.map(mariadbColumn),
    `PRIMARY KEY (${quoted(ordered)})`,
    ...indexes.map(
      (one) => `${one.unique ? 'UNIQUE ' : ''}INDEX \`${one.name}\` (${quoted(one.columns)})`,
    ),
    ...checks.map((one) => `CONSTRAINT \`${one.name}\` CHECK (${one.expression})`),
  ]
  return `CREATE TABLE IF NOT EXISTS \`${name}\` (${lines.join(',\n  ')}) ENGINE=InnoDB`
}

function mariadbColumn({ name, type, length, charset, collation, nullable }: LaidColumn): string {
  const size = length === undefined ? '' : `(${length})`
  const text = charset === undefined ? '' : ` CHARACTER SET ${charset} COLLATE ${collation}`
  return `\`${name}\` ${type}${size}${text} ${nullable ? 'NULL' : 'NOT NULL'}`
}

type LaidColumn = Layout['columns'][number]

function quoted(names: string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
