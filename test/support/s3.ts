import { randomBytes } from 'node:crypto'
import {
  CreateBucketCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ObjectLockRetention,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { atEnd } from './at-end.ts'
import type { Settings } from './program.ts'

declare global {
  /** The S3 server of this run, with who may do everything there. */
  var s3Server: string | undefined
}

/** A bucket of the test's own, and what a stranger can do there. */
export type Bucket = {
  name: string
  /** What PROOF_STORE says, with more parameters where these are given. */
  store(more?: Settings, prefix?: string): string
  /** What a program needs beside it. */
  credentials: Settings
  keys(): Promise<string[]>
  head(key: string): ReturnType<typeof head>
  retention(key: string): Promise<ObjectLockRetention | undefined>
  /** Writes an object as no Giro would. */
  write(key: string, body: Buffer): Promise<void>
}

/** Where the S3 server is found. */
export function s3Endpoint(): URL {
  if (globalThis.s3Server === undefined) throw new Error('this test belongs to the S3 server')
  return new URL(globalThis.s3Server)
}

type Options = {
  locks?: boolean
  /** A server of the test's own; otherwise that of the run. */
  server?: URL
  /** Where programs are told that the server is. */
  endpoint?: string
}

export async function openBucket(options: Options = {}): Promise<Bucket> {
  const { locks = false, server = s3Endpoint() } = options
  const { origin, username, password } = server
  const { endpoint = origin } = options
  const client = new S3Client({
    endpoint: origin,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: username, secretAccessKey: password },
  })
  atEnd(() => client.destroy())
  const name = `giro-test-${randomBytes(6).toString('hex')}`
  await client.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: locks }))
  return {
    name,
    store: (more = {}, prefix = 'proofs') =>
      `s3://${name}/${prefix}?${new URLSearchParams({ endpoint, region: 'us-east-1', ...more })}`,
    credentials: { AWS_ACCESS_KEY_ID: username, AWS_SECRET_ACCESS_KEY: password },
    keys: () => keysIn(client, name),
    head: (key) => head(client, name, key),
    async retention(key) {
      const command = new GetObjectRetentionCommand({ Bucket: name, Key: key })
      return (await client.send(command)).Retention
    },
    async write(key, body) {
      await client.send(new PutObjectCommand({ Bucket: name, Key: key, Body: body }))
    },
  }
}

function head(client: S3Client, bucket: string, key: string) {
  return client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }))
}

async function keysIn(client: S3Client, bucket: string): Promise<string[]> {
  const keys: string[] = []
  for (let from: string | undefined; ; ) {
    const page = new ListObjectsV2Command({ Bucket: bucket, ...(from && { StartAfter: from }) })
    const { Contents = [], IsTruncated } = await client.send(page)
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []))
    from = keys.at(-1)
    if (!IsTruncated) return keys
  }
}
