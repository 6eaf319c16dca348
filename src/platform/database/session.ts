export type Answer = { rows: Record<string, never>[]; affected: number }

/** One connection in the hands of one unit of work. Parameters stand as `?` in every dialect. */
export type Session = {
  query(text: string, params: readonly unknown[]): Promise<Answer>
  /**
   * For a statement whose answer nobody needs. Where statements can be sent ahead it is not waited
   * for, and when it fails, the next `query` says so.
   */
  send(text: string, params: readonly unknown[]): Promise<void>
  /** Undoes the transaction; false when that cannot be told. */
  rolledBack(): Promise<boolean>
  /** Gives the connection back; a broken one is thrown away. */
  release(broken: boolean): void
}

type Connection = Pick<Session, 'query' | 'release'>

/**
 * One statement after another. A failure may have ended the transaction, as a deadlock does on
 * MariaDB, and a statement that was sent ahead would then be done and kept by itself.
 */
export function stepwise({ query, release }: Connection): Session {
  return {
    query,
    async send(text, params) {
      await query(text, params)
    },
    rolledBack: () => rolledBack(query),
    release,
  }
}

/**
 * Statements go out while others are under way. In a transaction that failed every other statement
 * fails as well, also a COMMIT, and only the first failure says why.
 */
export function pipelined({ query, release }: Connection): Session {
  let first: { error: unknown } | undefined

  async function answered(asking: Promise<Answer>): Promise<Answer> {
    try {
      const answer = await asking
      if (first) throw first.error
      return answer
    } catch (error) {
      first ??= { error }
      throw first.error
    }
  }

  return {
    query: (text, params) => answered(query(text, params)),
    async send(text, params) {
      answered(query(text, params)).catch(() => {})
    },
    rolledBack: () => rolledBack(query),
    release,
  }
}

function rolledBack(query: Session['query']): Promise<boolean> {
  return query('ROLLBACK', []).then(
    () => true,
    () => false,
  )
}
