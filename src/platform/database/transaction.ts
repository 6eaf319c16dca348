import { asMissingRow } from './add.ts'
import { createUnit, type Db, type Reads, type Topic } from './db.ts'
import type { Engine } from './engine.ts'
import { asUnavailable, ConnectionLost, codeOf, DatabaseUnavailable, isBusy } from './failure.ts'
import type { Session } from './session.ts'
import type { Sql } from './sql.ts'

/** What came of a unit, and what others are to hear of it. */
export type Done<T> = { result: T; topics: Set<Topic> }

/** The connection broke at the COMMIT: `mark` finds a row of the unit if it was done. */
export class CommitUnknown<T> extends DatabaseUnavailable {
  override name = 'CommitUnknown'
  readonly done: Done<T>
  readonly mark: Sql | undefined

  constructor(done: Done<T>, mark: Sql | undefined, cause: unknown) {
    super('the connection broke while the commit was under way', { cause })
    this.done = done
    this.mark = mark
  }
}

/** One try of a unit that writes. */
export async function writeOnce<T>(engine: Engine, work: (db: Db) => Promise<T>): Promise<Done<T>> {
  return transaction(await engine.begin('write'), async (session) => {
    const { db, topics, mark, finish } = createUnit(session, engine.dialect)
    const result = await work(db)
    await finish()
    engine.assertThere()
    if (topics.size > 0) await engine.announce(session, topics)
    const done = { result, topics }
    await session.query('COMMIT', []).catch((error) => {
      throw leavesOpen(error) ? new CommitUnknown(done, mark(), error) : error
    })
    return done
  })
}

/** One try of reads on one snapshot. */
export async function readOnce<T>(engine: Engine, work: (db: Reads) => Promise<T>): Promise<T> {
  return transaction(await engine.begin('read'), async (session) => {
    const result = await work(createUnit(session, engine.dialect).db)
    await session.query('COMMIT', [])
    return result
  })
}

/** Looks for what a unit whose commit is unknown would have left; throws while nobody can say. */
export async function wasDone(engine: Engine, unknown: CommitUnknown<unknown>): Promise<boolean> {
  const { mark } = unknown
  if (!mark) return false
  try {
    return (await readOnce(engine, (db) => db.rows({}, mark))).length > 0
  } catch (error) {
    throw asUnavailable(error) instanceof DatabaseUnavailable ? unknown : error
  }
}

/** Runs work that ends its own transaction; one that fails is rolled back. */
async function transaction<T>(session: Session, work: (session: Session) => Promise<T>) {
  try {
    const result = await work(session)
    session.release(false)
    return result
  } catch (error) {
    const lost = error instanceof ConnectionLost || error instanceof CommitUnknown
    session.release(lost || !(await session.rolledBack()))
    throw asMissingRow(error)
  }
}

/** A server that went away may have done the commit; SQLite says what it did. */
function leavesOpen(error: unknown): boolean {
  const away = asUnavailable(error) instanceof DatabaseUnavailable
  return away && !isBusy(error) && !codeOf(error).startsWith('SQLITE')
}
