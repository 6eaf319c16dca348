import {
  bearerToken,
  hidden,
  serverUrlOf,
  setting,
  text,
  withoutPassword,
} from '../platform/config/index.ts'

/** What all providers share; each adds its own. */
export const sharedSettings = {
  provider: setting({
    env: 'SMS_PROVIDER',
    parse: text,
    help: 'who sends SMS: africas_talking, http or twilio; without it routes by SMS fail',
  }),
  from: setting({
    env: 'SMS_FROM',
    parse: text,
    help: 'sender of SMS: a number or name that the provider has for you',
  }),
  url: setting({
    env: 'SMS_URL',
    parse: serverUrlOf('https', 'http'),
    show: withoutPassword,
    help: "where SMS go: for http the URL of the gateway, else instead of the provider's own host",
  }),
  reportToken: setting({
    env: 'SMS_REPORT_TOKEN',
    parse: bearerToken,
    show: hidden,
    help: 'what reports of africas_talking and http bring along; without it they are refused',
  }),
  publicUrl: setting({
    env: 'PUBLIC_URL',
    parse: serverUrlOf('https', 'http'),
    help: 'where Giro is reached from outside: https://giro.example; twilio reports to it',
  }),
}
