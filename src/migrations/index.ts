import { Spine1795219200000 } from './1795219200000-spine.ts'
import { ManyProcesses1795305600000 } from './1795305600000-many-processes.ts'
import { OpenDeliveries1795392000000 } from './1795392000000-open-deliveries.ts'
import { PaymentsByBank1795395600000 } from './1795395600000-payments-by-bank.ts'
import { OldSecrets1795399200000 } from './1795399200000-old-secrets.ts'
import { PublicKeys1795402800000 } from './1795402800000-public-keys.ts'
import { RouteHeaders1795406400000 } from './1795406400000-route-headers.ts'
import { Redeliveries1795410000000 } from './1795410000000-redeliveries.ts'
import { Lanes1795413600000 } from './1795413600000-lanes.ts'
import { CallToPartner1795417200000 } from './1795417200000-call-to-partner.ts'
import { Digests1795420800000 } from './1795420800000-digests.ts'
import { Sms1795424400000 } from './1795424400000-sms.ts'
import { PartnerKeys1795428000000 } from './1795428000000-partner-keys.ts'
import { StrictRoutes1795431600000 } from './1795431600000-strict-routes.ts'
import { PartnerContacts1795435200000 } from './1795435200000-partner-contacts.ts'
import { Warnings1795438800000 } from './1795438800000-warnings.ts'
import { EventBatches1795442400000 } from './1795442400000-event-batches.ts'

/** The history of the tables, in its order: what was once run is never changed. */
export const migrations = [
  Spine1795219200000,
  ManyProcesses1795305600000,
  OpenDeliveries1795392000000,
  PaymentsByBank1795395600000,
  OldSecrets1795399200000,
  PublicKeys1795402800000,
  RouteHeaders1795406400000,
  Redeliveries1795410000000,
  Lanes1795413600000,
  CallToPartner1795417200000,
  Digests1795420800000,
  Sms1795424400000,
  PartnerKeys1795428000000,
  StrictRoutes1795431600000,
  PartnerContacts1795435200000,
  Warnings1795438800000,
  EventBatches1795442400000,
]
