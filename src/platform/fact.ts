import { column, type Db, type Reads, sql, table } from './database/index.ts'

const { longText, text } = column

/** What a database knows of itself. */
export const facts = table('facts', {
  columns: { name: text(40), value: longText() },
  primary: ['name'],
})

/** `unfinished_copy` is there as long as the rest of the database is not. */
export type FactName = 'secret_key_fingerprint' | 'unfinished_copy'

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

/** What is known, which nobody changes before this unit ends. */
export async function heldFact(db: Db, name: FactName): Promise<string | undefined> {
  const [known] = await db.select(facts, sql`WHERE name = ${name} ${db.held('change')}`)
  return known?.value
}

/** Writes a fact, whatever was known before. */
export async function setFact(db: Db, name: FactName, value: string): Promise<void> {
  const known = await heldFact(db, name)
  if (known === undefined) await db.insert(facts, [{ name, value }])
  else await db.run(sql`UPDATE facts SET value = ${value} WHERE name = ${name}`)
}
