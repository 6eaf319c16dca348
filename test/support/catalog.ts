import type { DataSource } from 'typeorm'

type Row = Record<string, unknown>

type Catalogued = { columns: Row[]; checks: string[]; indexes: Row[] }

type Catalog = Record<string, unknown>

/** What the database knows of its tables, with nothing that depends on how they were made. */
export async function catalogOf(source: DataSource): Promise<Catalog> {
  const { type } = source.options
  if (type === 'postgres') return serverCatalog(source, postgresQueries)
  if (type === 'mariadb') return serverCatalog(source, mariadbQueries)
  return sqliteCatalog(source)
}

const postgresQueries = {
  columns: `SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
      collation_name, column_default FROM information_schema.columns
    WHERE table_schema = current_schema()`,
  checks: `SELECT rel.relname AS table_name, con.conname, pg_get_constraintdef(con.oid)
    FROM pg_constraint AS con JOIN pg_class AS rel ON rel.oid = con.conrelid
    WHERE con.connamespace = current_schema()::regnamespace`,
  indexes: `SELECT tablename AS table_name, indexname, indexdef FROM pg_indexes
    WHERE schemaname = current_schema()`,
}

const mariadbQueries = {
  columns: `SELECT table_name AS table_name, column_name AS column_name, column_type AS column_type,
      is_nullable AS is_nullable, collation_name AS collation_name, column_default AS column_default
    FROM information_schema.columns WHERE table_schema = DATABASE()`,
  checks: `SELECT table_name AS table_name, constraint_name AS name, check_clause AS definition
    FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()`,
  indexes: `SELECT table_name AS table_name, index_name AS name, non_unique AS not_unique,
      seq_in_index AS place, column_name AS column_name
    FROM information_schema.statistics WHERE table_schema = DATABASE()`,
}

/** Rows of each kind by table, in an order of their own. */
async function serverCatalog(
  source: DataSource,
  queries: Record<string, string>,
): Promise<Catalog> {
  const catalog: Record<string, Record<string, string[]>> = {}
  for (const [kind, text] of Object.entries(queries)) {
    const rows: Row[] = await source.query(text)
    for (const { table_name: name, ...row } of rows) {
      catalog[`${name}`] ??= {}
      const table = catalog[`${name}`] as Record<string, string[]>
      table[kind] = [...(table[kind] ?? []), JSON.stringify(row)].toSorted()
    }
  }
  return catalog
}

async function sqliteCatalog(source: DataSource): Promise<Record<string, Catalogued>> {
  const rows = (text: string): Promise<Row[]> => source.query(text)
  const tables = await rows(
    `SELECT name, sql FROM sqlite_schema
      WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
  )
  const catalog: Record<string, Catalogued> = {}
  for (const { name, sql } of tables) {
    const columns = await rows(
      `SELECT name, type, "notnull" AS required, dflt_value, pk FROM pragma_table_info('${name}')
        ORDER BY name`,
    )
    const indexes = await rows(
      `SELECT i.name, i."unique" AS is_unique, i.origin, group_concat(c.name, ', ') AS columns,
          (SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = i.name) AS sql
        FROM pragma_index_list('${name}') AS i, pragma_index_info(i.name) AS c
        GROUP BY i.name ORDER BY i.origin, i.name`,
    )
    catalog[`${name}`] = {
      columns,
      checks: checksIn(`${sql}`),
      indexes: indexes.map(({ name: index, origin, sql: made, ...rest }) =>
        // Those that SQLite makes for keys are numbered in the order of making.
        origin === 'c' ? { name: index, where: conditionIn(`${made}`), ...rest } : rest,
      ),
    }
  }
  return catalog
}

/** What a partial index holds; empty where it holds every row. */
function conditionIn(sql: string): string {
  return /\bWHERE\b(.*)$/is.exec(sql)?.[1]?.trim() ?? ''
}

/** `CONSTRAINT "name" CHECK (expression)`, as the table was declared; blanks do not count. */
function checksIn(sql: string): string[] {
  return [...sql.matchAll(/CONSTRAINT "?(\w+)"? CHECK \(/g)]
    .map(({ 0: head, 1: name, index }) => `${name} ${balanced(sql.slice(index + head.length))}`)
    .toSorted()
}

function balanced(text: string): string {
  let depth = 1
  let end = 0
  for (; depth > 0 && end < text.length; end += 1)
    depth += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0
  return text.slice(0, end - 1).replaceAll(/\s+/g, ' ')
}
