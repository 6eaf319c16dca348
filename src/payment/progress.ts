import type { Done } from '../delivery/index.ts'
import { append } from '../event/index.ts'
import type { Db } from '../platform/database/index.ts'
import type { Tools } from '../platform/tools.ts'
import * as store from './store.ts'

/** Settles payments whose deliveries are all done; runs where the last attempt is recorded. */
export async function settle(db: Db, done: Done[], { newId }: Tools): Promise<void> {
  for (const [delivered, some] of Map.groupBy(done, (one) => one.delivered)) {
    const time = some[0]?.time ?? null
    await store.setProgress(
      db,
      some.map(({ paymentId }) => paymentId),
      {
        status: delivered ? 'notified' : 'failed',
        processError: !delivered,
        paymentProcessedDate: delivered ? time : null,
      },
    )
  }
  await append(
    db,
    done.map(({ paymentId, delivered, time }) => ({
      id: newId('evt'),
      type: delivered ? 'payment.notified' : 'payment.failed',
      subject: paymentId,
      time,
      data: {},
    })),
  )
}

/** A delivery was opened again, so its payment waits again. */
export async function reopen(db: Db, paymentIds: string[]): Promise<void> {
  const progress = { status: 'received', processError: false, paymentProcessedDate: null } as const
  await store.setProgress(db, paymentIds, progress)
}
