import type { DeliveryStatus } from '../delivery/index.ts'
import { column, table } from '../platform/database/index.ts'
import type { RedeliveryStatus } from './redelivery.ts'

const { integer, longText, nullable, text, time } = column

/**
 * `place` is the id it has come to, in the order of ids; `waiting` are the deliveries it has handed
 * out that were not tried since, as JSON.
 */
export const redeliveries = table('redeliveries', {
  columns: {
    id: text(40),
    kind: text<'again' | 'replay'>(16),
    status: text<RedeliveryStatus>(16),
    accountId: nullable(text(255)),
    routeId: nullable(text(40)),
    bank: nullable(text(64)),
    deliveryStatus: nullable(text<DeliveryStatus>(16)),
    fromDate: nullable(time()),
    toDate: nullable(time()),
    place: text(40),
    looked: integer(),
    handedOut: integer(),
    waiting: longText(),
    createDate: time(),
    finishDate: nullable(time()),
  },
  primary: ['id'],
  indexes: [
    { name: 'ix_redeliveries_status', columns: ['status', 'id'] },
    { name: 'ix_redeliveries_account_id', columns: ['accountId', 'id'] },
  ],
  checks: {
    ck_redeliveries_kind: `kind IN ('again', 'replay')`,
    ck_redeliveries_status: `status IN ('running', 'done', 'canceled')`,
    ck_redeliveries_finished: `(status = 'running') = (finish_date IS NULL)`,
    ck_redeliveries_counts: 'handed_out >= 0 AND looked >= handed_out',
  },
})
