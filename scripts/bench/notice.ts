/** What the sample bank sends of a payment to this partner. */
export function noticeTo(partner: string): string {
  const account = `"account_number":"${partner}"`
  return `{"reference_number":"payer1", ${account}, "amount": "55", "currency": "USD"}`
}

export const notice = noticeTo('partner1')
