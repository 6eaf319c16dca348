/**
 * The one catalogue of what Giro refuses (RFC 9457). A code is there for a client that acts on it;
 * the title is the same every time, the `detail` of a refusal says what was wrong this time.
 */
export const catalogue = {
  bad_request: { status: 400, title: 'The request is malformed' },
  json_unreadable: { status: 400, title: 'The body is not JSON in UTF-8' },
  idempotency_key_invalid: { status: 400, title: 'The Idempotency-Key is not usable' },
  unauthorized: { status: 401, title: 'Credentials are missing or wrong' },
  forbidden: { status: 403, title: 'The API key may not do this' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The body did not arrive in time' },
  idempotency_conflict: { status: 409, title: 'The Idempotency-Key was used for other content' },
  transaction_conflict: { status: 409, title: 'The transaction was told with other content' },
  already_exists: { status: 409, title: 'It exists already' },
  in_use: { status: 409, title: 'Something refers to it' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type or encoding is not taken' },
  invalid: { status: 422, title: 'The content has the wrong shape' },
  amount_invalid: { status: 422, title: 'The amount cannot be booked' },
  currency_unknown: { status: 422, title: 'The currency is unknown' },
  payer_unknown: { status: 422, title: 'The payer is unknown' },
  partner_unknown: { status: 422, title: 'The partner is unknown' },
  balance_out_of_range: { status: 422, title: 'A balance would leave its range' },
  internal: { status: 500, title: 'Giro failed' },
  unavailable: { status: 503, title: 'Giro cannot take this now' },
} as const

export type ProblemCode = keyof typeof catalogue

/** One wrong member: a JSON pointer (RFC 6901) to it and what is wrong with it. */
export type FieldError = { pointer: string; detail: string }

/** An expected no. It is a value, never thrown across rooms. */
export type Refusal = { code: ProblemCode; detail: string; errors?: FieldError[] }

/** Carries a refusal out of the depths of a handler; `platform/http` makes an answer of it. */
export class Refused extends Error {
  override name = 'Refused'
  readonly refusal: Refusal

  constructor(code: ProblemCode, detail: string, errors?: FieldError[]) {
    super(detail)
    this.refusal = errors ? { code, detail, errors } : { code, detail }
  }
}

/** A sentence for the person at the command line, who can do something about it. Exit code 1. */
export class UserError extends Error {
  override name = 'UserError'
}

/** Something that Giro needs is away, or does not do what it should; the sentence says what. */
export class Unavailable extends UserError {
  override name = 'Unavailable'
}
