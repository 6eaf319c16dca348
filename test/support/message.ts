import type { Message } from '../../src/delivery/channels/channel.ts'

export const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export const payment = {
  id: 'pay_1',
  bank: 'test_bank',
  reference_number: 'payer1',
  account_number: 'partner1',
  amount: '55.00',
  currency: 'USD',
  payment_bank_date: null as string | null,
  payment_received_date: '2026-11-21T10:40:00.000Z',
  proof_sha256: 'a'.repeat(64),
}

/** What a channel is asked to say; the payment and the contact path as a test needs them. */
export function message(contactPath: string, change: Partial<typeof payment> = {}) {
  return {
    deliveryId: 'dlv_1',
    event: {
      id: 'evt_1',
      type: 'payment.received' as const,
      subject: 'pay_1',
      time: Date.UTC(2026, 10, 21, 10, 40),
      data: JSON.stringify({ payment: { ...payment, ...change } }),
    },
    route: {
      id: 'rte_1',
      accountId: 'partner1',
      notifyMethod: 'api',
      contactPath,
      secret: null,
      enabled: true,
      createDate: 0,
      publicKey: null,
      headers: null,
      auth: null,
      clientCertificate: null,
      digest: null,
      ordering: null,
      policy: null,
    },
    secrets: [secret],
    headers: {},
    auth: null,
    clientCertificate: null,
    digest: null,
    leaseEnd: Number.MAX_SAFE_INTEGER,
    timeoutMs: 5000,
  } satisfies Message
}
