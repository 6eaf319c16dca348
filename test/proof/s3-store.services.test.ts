import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { proofPlaceOf } from '../../src/platform/config/index.ts'
import { openArchive } from '../../src/proof/index.ts'
import { atEnd } from '../support/at-end.ts'
import { type Bucket, openBucket, s3Endpoint } from '../support/s3.ts'
import { anObject, archiveStoreSuite } from './archive-store.suite.ts'

async function opened(url: string) {
  const store = await openArchive(proofPlaceOf(url))
  atEnd(() => store.close())
  return store
}

async function aBucket(more = {}, options = {}) {
  const bucket = await openBucket(options)
  return { bucket, store: await opened(bucket.store(more)) }
}

archiveStoreSuite('a bucket', async () => (await aBucket()).store)

const dayMs = 24 * 60 * 60 * 1000

describe('the archive in a bucket', () => {
  it('keeps the body under prefix and key, with its type and what is known of it, and nothing else', async () => {
    const { bucket, store } = await aBucket()
    const object = anObject()
    await store.put(object)
    expect(await bucket.keys()).toEqual([`proofs/${object.key}`])
    expect(await bucket.head(`proofs/${object.key}`)).toMatchObject({
      ContentType: 'application/json',
      ContentLength: object.body.length,
      ChecksumSHA256: Buffer.from(object.sha256, 'hex').toString('base64'),
      Metadata: { bank: 'test_bank', id: object.metadata.id },
    })
  })

  it('may have no prefix, or one of many parts', async () => {
    const bucket = await openBucket()
    const object = anObject()
    for (const prefix of ['', 'a/b c/d']) await (await opened(bucket.store({}, prefix))).put(object)
    expect(await bucket.keys()).toEqual([`a/b c/d/${object.key}`, object.key].toSorted())
  })

  it('reads what is there again where nobody has vouched for its hash', async () => {
    const { bucket, store } = await aBucket()
    const [same, other] = [anObject(), anObject()]
    await bucket.write(`proofs/${same.key}`, same.body)
    await bucket.write(`proofs/${other.key}`, randomBytes(100))
    expect((await bucket.head(`proofs/${same.key}`)).ChecksumSHA256).toBeUndefined()
    await store.put(same)
    await expect(store.put(other)).rejects.toThrow('holds other bytes')
  })

  it('locks each object for so many days, where the bucket can', async () => {
    for (const mode of ['compliance', 'governance']) {
      const { bucket, store } = await aBucket({ lock_days: '30', lock_mode: mode }, { locks: true })
      const object = anObject()
      await store.put(object)
      await store.put(object)
      const retention = await bucket.retention(`proofs/${object.key}`)
      const { LastModified } = await bucket.head(`proofs/${object.key}`)
      expect(retention?.Mode).toBe(mode.toUpperCase())
      const days = (Number(retention?.RetainUntilDate) - Number(LastModified)) / dayMs
      expect(days).toBeCloseTo(30, 2)
    }
  })

  it('says so where the bucket cannot lock', async () => {
    const { store } = await aBucket({ lock_days: '30' })
    await expect(store.put(anObject())).rejects.toThrow('has no object lock')
  })

  it('says so where the server does not encrypt what it was told to', async () => {
    const { store } = await aBucket({ encryption: 'AES256' })
    const object = anObject()
    for (const _ of ['once', 'again'])
      await expect(store.put(object)).rejects.toThrow('does not encrypt')
  })
})

describe('a bucket that nobody made', () => {
  it('is named in one sentence by all that is done there', async () => {
    const { bucket } = await aBucket()
    const nobodys = bucket.store().replace(bucket.name, 'nobody-made-this')
    const store = await opened(nobodys)
    const sentence = `There is no bucket nobody-made-this at ${s3Endpoint().origin}: make it, or`
    for (const work of [store.check, () => store.put(anObject()), () => store.get('x')])
      await expect(work()).rejects.toThrow(sentence)
  })
})

describe('a server that nobody reaches', () => {
  it('is named in one sentence, with why', async () => {
    const bucket: Bucket = await openBucket({ endpoint: 'http://127.0.0.1:9' })
    const store = await opened(bucket.store())
    const sentence = /^The archive s3:\/\/\S+ at http:\S+ [^\n]*ECONNREFUSED[^\n]*\.$/
    for (const work of [store.check, () => store.put(anObject()), () => store.get('x')])
      await expect(work()).rejects.toThrow(sentence)
  })
})
