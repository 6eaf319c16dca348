import { column, type Db, type Reads, sql, table } from './database/index.ts'

const { longText, text } = column

/** What a database knows of itself. */
export const facts = table('facts', {
  columns: { name: text(40), value: longText() },
  primary: ['name'],
})

export type FactName = 'secret_key_fingerprint'

export async function fact(db: Reads, name: FactName): Promise<string | undefined> {
  const [known] = await db.select(facts, sql`WHERE name = ${name}`)
  return known?.value
}

/** What is known, or what is given, which is then known for good. */
export async function factOr(db: Db, name: FactName, value: string): Promise<string> {
  const known = await fact(db, name)
  if (known === undefined) await db.insert(facts, [{ name, value }])
  return known ?? value
}
