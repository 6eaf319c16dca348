import { addAbortSignal, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3'
import { systemClock, toDate } from '../platform/clock.ts'
import type { S3Place } from '../platform/config/index.ts'
import { Unavailable, UserError } from '../platform/problem.ts'
import type { ArchiveObject, ArchiveStore } from './archive-store.ts'
import { sha256 } from './proof.ts'
import { createCalls, nullIf } from './s3-calls.ts'
import { isMissing, isTaken } from './s3-fault.ts'
import { metadataOf } from './s3-metadata.ts'

const callsAtOnce = 32
const connectMs = 3000
/** What one thing may take with all its tries: the time to stop must be longer. */
const callMs = 15_000
const checkMs = 4000

/**
 * The archive as a bucket. An object is put on condition that its key is free, which the server
 * decides: so none is ever overwritten, whoever writes and however often. The server proves the
 * bytes against their hash when it takes them, and is asked for the hash afterwards.
 */
export async function s3Store(place: S3Place): Promise<ArchiveStore> {
  const client = await clientOf(place)
  const call = createCalls(place, callsAtOnce)
  const named = (key: string) => ({
    Bucket: place.bucket,
    Key: place.prefix === '' ? key : `${place.prefix}/${key}`,
  })

  /** Where the key is taken, it stays as it is. */
  async function putOnce(object: ArchiveObject, abortSignal: AbortSignal): Promise<void> {
    const input = { ...named(object.key), ...contentOf(object), ...protectionOf(place) }
    const command = new PutObjectCommand(input)
    await nullIf(isTaken, () => client.send(command, { abortSignal }))
  }

  function read(key: string, abortSignal: AbortSignal): Promise<Buffer | null> {
    const command = new GetObjectCommand(named(key))
    return nullIf(isMissing, async () => {
      const { Body } = await client.send(command, { abortSignal })
      return buffer(addAbortSignal(abortSignal, Body as Readable))
    })
  }

  /** What the server says is there, with its hash, or that of its bytes where it knows none. */
  async function look(key: string, abortSignal: AbortSignal): Promise<Found | null> {
    const command = new HeadObjectCommand({ ...named(key), ChecksumMode: 'ENABLED' })
    const head = await nullIf(isMissing, () => client.send(command, { abortSignal }))
    if (!head) return null
    const { ChecksumSHA256: said, ChecksumType: type } = head
    if (said && type !== 'COMPOSITE' && !said.includes('-'))
      return { head, hash: Buffer.from(said, 'base64').toString('hex') }
    const body = await read(key, abortSignal)
    return body && { head, hash: sha256(body) }
  }

  return {
    async put(object) {
      const { key, sha256: expected } = object
      const found = await call(callMs, async (abortSignal) => {
        await putOnce(object, abortSignal)
        return look(key, abortSignal)
      })
      if (!found)
        throw new Unavailable(`The archive took ${key}, but says that it has no such key.`)
      if (found.hash !== expected)
        throw new Error(`${key} holds other bytes than the proof: ${found.hash}`)
      requireProtection(found.head, place)
    },
    get: (key) => call(callMs, (abortSignal) => read(key, abortSignal)),
    async sha256(key) {
      const found = await call(callMs, (abortSignal) => look(key, abortSignal))
      return found?.hash ?? null
    },
    async check() {
      const command = new ListObjectsV2Command({ Bucket: place.bucket, MaxKeys: 1 })
      await call(checkMs, (abortSignal) => client.send(command, { abortSignal }))
    },
    close: () => client.destroy(),
  }
}

type Found = { head: HeadObjectCommandOutput; hash: string }

/** Who we are is found as by every tool of AWS: environment, shared files, the machine's role. */
async function clientOf(place: S3Place): Promise<S3Client> {
  const options = {
    ...(place.endpoint !== null && { endpoint: place.endpoint, forcePathStyle: true }),
    requestHandler: { connectionTimeout: connectMs },
    // Bytes are proven against the hash that the database has, also those that are wrong.
    responseChecksumValidation: 'WHEN_REQUIRED',
  } as const
  const client = new S3Client({
    ...options,
    ...(place.region !== null && { region: place.region }),
  })
  try {
    await client.config.region()
    return client
  } catch {
    client.destroy()
    // A server of one's own seldom has regions, but a signature names one.
    if (place.endpoint !== null) return new S3Client({ ...options, region: 'us-east-1' })
    throw new UserError('PROOF_STORE names no region: add region=REGION, or set AWS_REGION.')
  }
}

function contentOf({ body, sha256: hex, contentType, metadata }: ArchiveObject) {
  return {
    Body: body,
    ContentLength: body.length,
    ContentType: contentType,
    Metadata: metadataOf(metadata),
    ChecksumSHA256: Buffer.from(hex, 'hex').toString('base64'),
    IfNoneMatch: '*',
  }
}

const dayMs = 24 * 60 * 60 * 1000

function protectionOf({ lock, encryption }: S3Place): Partial<PutObjectCommandInput> {
  return {
    ...(lock && {
      ObjectLockMode: lock.mode,
      ObjectLockRetainUntilDate: toDate(systemClock.now() + lock.days * dayMs),
    }),
    ...(encryption && { ServerSideEncryption: encryption.algorithm }),
    ...(encryption?.kmsKey && { SSEKMSKeyId: encryption.kmsKey }),
  }
}

/** A server that does not know of locks or encryption may take the object all the same. */
function requireProtection(found: HeadObjectCommandOutput, { lock, encryption }: S3Place): void {
  if (lock && found.ObjectLockMode !== lock.mode)
    throw new Unavailable(
      'The archive does not say that it locks: check lock_days and s3:GetObjectRetention.',
    )
  if (encryption && found.ServerSideEncryption !== encryption.algorithm)
    throw new Unavailable(
      'The archive does not encrypt: take encryption out of PROOF_STORE, or name another.',
    )
}
