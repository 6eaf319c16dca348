export { type Auth, openAuth } from './auth.ts'
export { type ClientCertificate, openCertificate } from './client-certificate.ts'
export { disableRoute } from './disable-route.ts'
export { createForgetter } from './forget.ts'
export { openHeaders } from './headers.ts'
export { createParties, type InUse, type Parties } from './keep.ts'
export { partnerOf } from './keep-partners.ts'
export { routeOf } from './keep-routes.ts'
export type { LaneJson, Lanes } from './lane.ts'
export {
  type Digest,
  digests,
  isStrict,
  type NotifyMethod,
  notifyMethods,
  type OldSecret,
  orderings,
  type Partner,
  type Payer,
  type Route,
} from './party.ts'
export { policyOf, type Rate } from './policy.ts'
export { resealAll } from './reseal.ts'
export { partyEndpoints } from './routes.ts'
export { hasSamplePartner, samplePartnerFile, samplePartnerOrigin } from './sample.ts'
export { oldSecrets, partners, payers, routes } from './schema.ts'
export { newSecret, schemes } from './secret.ts'
export {
  listPartners,
  listPayers,
  oldSecretsOf,
  partnersById,
  payersById,
  routesById,
  routesOf,
} from './store.ts'
export { routeJson, showRoute, showRoutes, viewPartner, viewPayer, viewRotation } from './view.ts'
