export { restingRoutes } from './admit.ts'
export { defaultRules } from './breaker.ts'
export { apiChannel } from './channels/api.ts'
export { emailChannel } from './channels/email.ts'
export { smsChannel } from './channels/sms.ts'
export { create, type Order } from './create.ts'
export {
  type Attempt,
  type Delivery,
  type DeliveryStatus,
  deliveryStatuses,
  withJitter,
} from './delivery.ts'
export { deliveryGauges } from './gauges.ts'
export { keepLanes, resumeLane } from './keep-lanes.ts'
export { createLanes } from './lanes.ts'
export { listDeliveries } from './list.ts'
export { prune } from './prune.ts'
export { readDelivery } from './read.ts'
export type { Done } from './record.ts'
export { recoveryCommands } from './recovery.ts'
export { redeliver, requeue } from './redeliver.ts'
export { createReports, reportsOf } from './reports.ts'
export { deliveryEndpoints } from './routes.ts'
export { attempts, attemptTotals, deliveries, lanes, smsMessages, warnings } from './schema.ts'
export {
  anyOnRoute,
  attemptsOf,
  deliveriesById,
  followingDeliveries,
  holdOfPayments,
  idsForAccount,
  ofPayments,
} from './store.ts'
export { reorder } from './strict.ts'
export { tryRoute } from './try-route.ts'
export { createUsher } from './usher.ts'
export { deliveryWithAttemptsJson, viewDelivery, viewTested, viewWithAttempts } from './view.ts'
export { createWarner } from './warner.ts'
