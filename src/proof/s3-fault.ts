import type { S3Place } from '../platform/config/index.ts'
import { Unavailable } from '../platform/problem.ts'

/** What S3 and its client throw: a name, and where a server has answered, its status. */
type Fault = Error & { code?: string; $metadata?: { httpStatusCode?: number } }

/** A call that was given up. */
export class Late extends Error {
  readonly limitMs: number

  constructor(limitMs: number) {
    super('no answer in time')
    this.limitMs = limitMs
  }
}

/** Somebody has the key already, or is about to take it. */
export function isTaken(error: unknown): boolean {
  const status = statusOf(error)
  return status === 412 || (status === 409 && nameOf(error) === 'ConditionalRequestConflict')
}

export function isMissing(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(nameOf(error))
}

/** Says in a sentence what is wrong, and what can be done about it where that is known. */
export function explained(error: unknown, place: S3Place): Unavailable {
  return new Unavailable(sentence(error, place), { cause: error })
}

const strangers = /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|.*Provider)/

function sentence(error: unknown, { bucket, endpoint }: S3Place): string {
  const at = endpoint === null ? '' : ` at ${endpoint}`
  const archive = `The archive s3://${bucket}${at}`
  const name = nameOf(error)
  const { message, code } = error as Fault
  if (name === 'NoSuchBucket')
    return `There is no bucket ${bucket}${at}: make it, or set another PROOF_STORE.`
  if (strangers.test(name))
    return `${archive} has no valid credentials (${name}): set AWS_ACCESS_KEY_ID and its secret.`
  if (statusOf(error) === 403)
    return `${archive} forbids it (${name}): s3:PutObject, GetObject and ListBucket are needed.`
  if ([301, 307].includes(statusOf(error) ?? 0))
    return `${archive} is in another region: name it by region in PROOF_STORE.`
  if (/object ?lock/i.test(message))
    return `${archive} has no object lock: make a bucket with it, or leave lock_days out.`
  if (error instanceof Late) return `${archive} did not answer within ${error.limitMs / 1000} s.`
  if (code !== undefined) return `${archive} cannot be reached (${code}).`
  return `${archive} failed (${name}: ${message.replace(/\.$/, '')}).`
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

function statusOf(error: unknown): number | undefined {
  return (error as Fault | undefined)?.$metadata?.httpStatusCode
}
