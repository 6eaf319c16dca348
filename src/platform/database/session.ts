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
  /** What is asked after `hold` may travel together; it leaves at `flush`. */
  hold?(): void
  flush?(): void
  release(broken: boolean): void
}

/**
 * A session on a connection that takes statements while others are under way. What follows a
 * failure fails because of it, and only the first says why.
 */
export function sessionOn({ ask, hold, flush, release }: Connection): Session {
  const sent: Promise<unknown>[] = []
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
    query(text, params) {
      const asking = ask(text, params)
      flush?.()
      return answered(asking)
    },
    async send(text, params) {
      hold?.()
      const done = answered(ask(text, params))
      done.catch(() => {})
      sent.push(done)
    },
    async settled() {
      flush?.()
      await Promise.all(sent.splice(0))
    },
    rolledBack() {
      const asking = ask('ROLLBACK', [])
      flush?.()
      return asking.then(
        () => true,
        () => false,
      )
    },
    release,
  }
}
