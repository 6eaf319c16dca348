import { takenPaymentJson } from '../../payment/index.ts'
import { bearerToken, hidden, setting } from '../../platform/config/index.ts'
import { bearerOf } from '../../platform/http/index.ts'
import { sameSecret } from '../../platform/secret.ts'
import { bank } from '../bank.ts'
import { answerJsonPayment, jsonPayment, readJsonPayment } from '../json-payment.ts'

/** The sample bank: one payment a notice, as JSON. It names no transactions of its own. */
export default bank({
  name: 'africa_bank',
  documentation: { contentType: 'application/json', notice: jsonPayment, answer: takenPaymentJson },
  settings: {
    token: setting({
      env: 'AFRICA_BANK_TOKEN',
      parse: bearerToken,
      show: hidden,
      help: 'bearer token of africa_bank; without it the door is open, but on loopback only',
    }),
  },
  secretHeaders: new Set(),
  missing: ({ settings, loopback }) =>
    settings.token === null && !loopback ? 'AFRICA_BANK_TOKEN' : null,
  authenticates({ headers }, { settings, loopback }) {
    if (settings.token === null) return loopback
    return sameSecret(bearerOf(headers.authorization) ?? '', settings.token)
  },
  read: readJsonPayment,
  answer: answerJsonPayment,
})
