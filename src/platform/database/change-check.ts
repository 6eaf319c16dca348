import type { QueryRunner } from 'typeorm'
import { dialectOf } from './dialect.ts'

/** Gives a check of a table another expression. Safe to repeat, as every change of a schema is. */
export async function changeCheck(
  runner: QueryRunner,
  table: string,
  name: string,
  expression: string,
): Promise<void> {
  if (dialectOf(runner.dataSource) === 'sqlite') {
    await rebuilt(runner, table, (made) => withCheck(made, name, expression))
    return
  }
  await runner.query(`ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${name}`)
  await runner.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} CHECK (${expression})`)
}

type Made = { sql: string }

/**
 * SQLite cannot alter a check: the table is made again by its own words, with that one changed, and
 * takes over rows and indexes. The columns are those that it has by now, in their order.
 */
async function rebuilt(runner: QueryRunner, table: string, change: (sql: string) => string) {
  const made = (type: string): Promise<Made[]> =>
    runner.query(
      `SELECT sql FROM sqlite_schema WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL`,
      [type, table],
    )
  const [before] = await made('table')
  if (!before) throw new Error(`there is no table ${table}`)
  const indexes = await made('index')
  const draft = `${table}_changed`
  await runner.query(change(before.sql).replace(/"?\b\w+\b"?(?= *\()/, `"${draft}"`))
  await runner.query(`INSERT INTO ${draft} SELECT * FROM ${table}`)
  await runner.query(`DROP TABLE ${table}`)
  await runner.query(`ALTER TABLE ${draft} RENAME TO ${table}`)
  for (const { sql } of indexes) await runner.query(sql)
}

/** The words that make a table, with another expression between the parentheses of a check. */
function withCheck(made: string, name: string, expression: string): string {
  const head = new RegExp(`CONSTRAINT "?${name}"? CHECK \\(`).exec(made)
  if (!head) throw new Error(`there is no check ${name}`)
  const start = head.index + head[0].length
  return made.slice(0, start) + expression + made.slice(endOfExpression(made, start))
}

/** Where the parenthesis closes that is open at `start`; what stands in quotes does not count. */
function endOfExpression(text: string, start: number): number {
  let depth = 1
  let quoted = false
  for (let i = start; i < text.length; i += 1) {
    if (text[i] === "'") quoted = !quoted
    else if (!quoted && text[i] === '(') depth += 1
    else if (!quoted && text[i] === ')') depth -= 1
    if (depth === 0) return i
  }
  throw new Error('a check is open to the end of its table')
}
