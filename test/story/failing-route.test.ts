import { expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import { addRoute, openGiro, registerSampleParties } from '../support/giro.ts'
import { openMailServer } from '../support/mail.ts'
import { openPartner, says } from '../support/partner.ts'
import { until } from '../support/until.ts'

const operator = 'operator@bank.example'
const contact = 'it@partner.example'

it('a route that fails too long is disabled, and what was missed comes when it is enabled', async () => {
  const mail = await openMailServer()
  const giro = await openGiro({
    DELIVERY_SCHEDULE: '0,0.3,0.3',
    DELIVERY_DISABLE_AFTER: '0.4',
    SMTP_URL: mail.url,
    OPERATOR_EMAIL: operator,
  })
  const { api, url } = await giro.serve()
  await registerSampleParties(api)
  await api.patch('/partners/partner1', { contact_email: contact })
  const partner = await openPartner()
  partner.does(says(500))
  const route = await addRoute(api, partner.url, { account: 'partner1' })
  const path = `/partners/partner1/routes/${route.id}`
  const pay = async (): Promise<string> =>
    (await tell(url, notice({ account_number: 'partner1' }))).json.id

  const processor = await giro.processor()
  const tried = await pay()
  await until('it is disabled', async () => !(await api.get(path)).json.enabled)
  const missed = await pay()
  const { lane } = (await api.get(path)).json
  expect(lane.state).toBe('disabled')
  expect(lane.reason).toContain('no attempt got through for 0.4 seconds; the last: ')
  await processor.end()

  await giro.processor()
  const mails = await until('both are told', () => {
    const last = mail.mails.filter(({ email }) => email.subject?.endsWith('is disabled'))
    return last.length === 2 && last
  })
  const to = mails.map(({ recipients }) => recipients[0])
  expect(to.toSorted()).toEqual([contact, operator])

  partner.does(says(204))
  const { stderr } = await giro.manage('route', 'change', 'partner1', route.id, '--enable')
  expect(stderr).toContain(`Nothing got through on it since ${lane.failing_since}`)
  const commands = [...stderr.matchAll(/^ {2}manage (.*)$/gm)].map(([, words = '']) => words)
  expect(commands).toHaveLength(2)
  const told = mails.find(({ recipients }) => recipients[0] === operator)?.email.text
  for (const command of commands) {
    expect(told).toContain(`manage ${command}`)
    expect(await giro.manage(...command.split(' '))).toMatchObject({ code: 0 })
  }
  for (const id of [tried, missed]) await paymentIn(api, id, 'notified')
  await expectBooksToBalance(giro)
})
