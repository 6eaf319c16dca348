export type Answer = { rows: Record<string, never>[]; affected: number }

/** One connection in the hands of one unit of work. Parameters stand as `?` in every dialect. */
export type Session = {
  query(text: string, params: readonly unknown[]): Promise<Answer>
  /**
   * For a statement whose answer nobody needs. A database across a network is not waited for; when
   * it refuses, the next `query` or `settled` says so.
   */
  send(text: string, params: readonly unknown[]): Promise<void>
  /** Resolves when everything that was sent was done, and rejects with the first failure. */
  settled(): Promise<void>
  /** Undoes the transaction; false when that cannot be told. */
  rolledBack(): Promise<boolean>
  /** Gives the connection back; a broken one is thrown away. */
  release(broken: boolean): void
}

type Connection = {
  ask(text: string, params: readonly unknown[]): Promise<Answer>
  release(broken: boolean): void
}

/**
 * A session on a connection that takes statements while others are under way. What follows a
 * failure fails because of it, and only the first says why.
 */
export function sessionOn({ ask, release }: Connection): Session {
  const sent: Promise<unknown>[] = []
  let first: { error: unknown } | undefined

  async function query(text: string, params: readonly unknown[]): Promise<Answer> {
    try {
      const answer = await ask(text, params)
      if (first) throw first.error
      return answer
    } catch (error) {
      first ??= { error }
      throw first.error
    }
  }

  return {
    query,
    async send(text, params) {
      const done = query(text, params)
      done.catch(() => {})
      sent.push(done)
    },
    async settled() {
      await Promise.all(sent.splice(0))
    },
    rolledBack: () =>
      ask('ROLLBACK', []).then(
        () => true,
        () => false,
      ),
    release,
  }
}
