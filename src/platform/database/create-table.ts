import { type QueryRunner, Table } from 'typeorm'
import type { Column } from './column.ts'
import { type Description, type Shape, snake } from './table.ts'

/** Creates a table from the same kind of description that the code has, as it was at that time. */
export async function createTable<S extends Shape>(
  runner: QueryRunner,
  name: string,
  { columns, primary, indexes = [], checks = {}, keyed = false }: Description<S>,
): Promise<void> {
  await runner.createTable(
    new Table({
      name,
      withoutRowid: keyed,
      columns: Object.entries(columns).map(([key, kind]) => tableColumn(name, key, kind, primary)),
      indices: indexes.map((index) => ({
        name: index.name,
        columnNames: index.columns.map(snake),
        isUnique: index.unique ?? false,
        ...(index.where === undefined ? {} : { where: index.where }),
      })),
      checks: Object.entries(checks).map(([check, expression]) => ({ name: check, expression })),
    }),
  )
}

function tableColumn(table: string, key: string, kind: Column<unknown>, primary: string[]) {
  const isPrimary = primary.includes(key)
  return {
    name: snake(key),
    type: kind.type as string,
    isNullable: kind.nullable,
    ...(kind.length === undefined ? {} : { length: `${kind.length}` }),
    ...(kind.generated ? { isGenerated: true, generationStrategy: 'increment' as const } : {}),
    ...(isPrimary ? { isPrimary: true, primaryKeyConstraintName: `pk_${table}` } : {}),
  }
}
