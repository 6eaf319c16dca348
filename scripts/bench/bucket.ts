import { randomBytes } from 'node:crypto'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'

/** Makes a bucket on a server whose URL names who may; what Giro is told of it. */
export async function freshBucket(server: string): Promise<Record<string, string>> {
  const { origin: endpoint, username, password } = new URL(server)
  const region = 'us-east-1'
  const credentials = { accessKeyId: username, secretAccessKey: password }
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials })
  const bucket = `giro-bench-${randomBytes(6).toString('hex')}`
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
  return {
    PROOF_STORE: `s3://${bucket}/proofs?${new URLSearchParams({ endpoint, region })}`,
    AWS_ACCESS_KEY_ID: username,
    AWS_SECRET_ACCESS_KEY: password,
  }
}
