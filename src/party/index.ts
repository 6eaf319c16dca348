export { createParties, type InUse, type Parties } from './keep.ts'
export {
  type NotifyMethod,
  newSecret,
  notifyMethods,
  type Partner,
  type Payer,
  type Route,
} from './party.ts'
export { partyEndpoints } from './routes.ts'
export { hasSamplePartner, samplePartnerFile, samplePartnerOrigin } from './sample.ts'
export { partners, payers, routes } from './schema.ts'
export {
  listPartners,
  listPayers,
  partnersById,
  payersById,
  routesById,
  routesOf,
} from './store.ts'
export { viewPartner, viewPayer, viewRoute } from './view.ts'
