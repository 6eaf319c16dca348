import { createAlarm } from '../platform/alarm.ts'
import type { Database } from '../platform/database/index.ts'
import type { News } from './news.ts'
import { type Page, pageAfter, type Wanted } from './store.ts'

type Deps = { database: Database; news: News }

type Waiting = Wanted & { waitMs: number; until: AbortSignal }

/**
 * The events after a number: at once where there are some, else as soon as there are. It is empty
 * when the time is over, or when this is to end; a search for types then knows how far it came.
 */
export async function nextPage({ database, news }: Deps, asked: Waiting): Promise<Page> {
  const { waitMs, until } = asked
  const look = (after: number) => database.read((db) => pageAfter(db, { ...asked, after }))
  const giveUpAt = performance.now() + waitMs
  const isDone = ({ events }: Page) =>
    events.length > 0 || performance.now() >= giveUpAt || until.aborted

  const first = await look(asked.after)
  if (isDone(first)) return first
  const alarm = createAlarm()
  const unhear = news.hear(alarm.ring)
  until.addEventListener('abort', alarm.ring)
  try {
    for (let page = first; ; ) {
      alarm.set()
      page = await look(page.next)
      if (isDone(page)) return page
      if (page.whole) await alarm.slept(giveUpAt - performance.now())
    }
  } finally {
    unhear()
    until.removeEventListener('abort', alarm.ring)
  }
}
