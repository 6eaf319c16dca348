import { books } from '../ledger/index.ts'
import { DamagedFile, inspectFile, type Schema } from '../platform/database/index.ts'
import { fact, facts } from '../platform/fact.ts'
import { UserError } from '../platform/problem.ts'
import { checkSpool } from '../proof/index.ts'

/** What was found in a file that is whole. */
export type Examined = {
  /** `behind` is a database of an older Giro, which create-db brings up to date. */
  state: 'current' | 'behind'
  rows: number
  tables: { name: string; rows: number }[]
  /** Undefined where nobody has ever used a key with it. */
  keyFingerprint: string | undefined
}

/**
 * Reads a whole database in a file: it is Giro's, no page is damaged, the books balance and what is
 * spooled is what banks sent. `name` is what a person calls the file.
 */
export async function examine(file: string, name: string, schema: Schema): Promise<Examined> {
  try {
    return await inspectFile(file, schema, async ({ db, status, tables, rowsOf }) => {
      if (!status.migrations.some(({ state }) => state === 'applied'))
        throw new UserError(`${name} is no database of Giro's.`)
      const { state } = status
      if (state === 'newer') throw new UserError(`${name} is of a newer Giro: take that one.`)
      if (state === 'current') {
        const { balanced, wrong } = await books(db)
        if (!balanced) throw new UserError(`The books in ${name} do not balance${of(wrong)}.`)
        const odd = await checkSpool(db)
        if (odd !== null) throw new DamagedFile(`the bytes of ${odd} are not those that were heard`)
      }
      const counts: Examined['tables'] = []
      for (const table of tables) counts.push({ name: table.name, rows: await rowsOf(table) })
      return {
        state,
        rows: counts.reduce((sum, { rows }) => sum + rows, 0),
        tables: counts,
        keyFingerprint: tables.includes(facts)
          ? await fact(db, 'secret_key_fingerprint')
          : undefined,
      }
    })
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error
    const why = error.message.replaceAll(/\s+/g, ' ').replace(/\.$/, '')
    throw new UserError(`${name} is damaged, or no database at all (${why}).`)
  }
}

function of(wrong: { account: string }[]): string {
  return wrong.length === 0 ? '' : ` (${wrong.map(({ account }) => account).join(', ')})`
}
