import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { inParallel } from '../support/parallel.ts'
import { query } from '../support/place.ts'
import { type Bucket, openBucket } from '../support/s3.ts'
import { until } from '../support/until.ts'

let giro: Giro
let serving: Serving
let bucket: Bucket
let notices = 0

async function hear(count: number): Promise<void> {
  const bodies = Array.from({ length: count }, (_, i) => notice({ serial: notices + i }))
  notices += count
  await inParallel(bodies, 16, (body) => tell(serving.url, body))
}

async function archived(): Promise<void> {
  const left = async () => (await query(giro.place, 'SELECT proof_id FROM spool LIMIT 1')).length
  await until('all is archived', async () => (await left()) === 0, 30_000)
}

/** What a command prints as JSON, with the archive elsewhere. */
async function askOn(store: string, ...args: string[]) {
  const command = giro.start([...args, '--json'], { PROOF_STORE: store })
  const { code } = await command.exited
  return { code, ...JSON.parse(command.lines.join('\n')) }
}

beforeAll(async () => {
  bucket = await openBucket()
  giro = await openGiro(bucket.credentials)
  serving = await giro.serve()
  await registerSampleParties(serving.api)
  const processor = await giro.processor()
  await hear(300)
  await archived()
  await processor.end()
}, 90_000)

describe('an archive that moves from a folder to a bucket and back', () => {
  it('goes on after a kill, is whole there, and what came meanwhile is taken along', async () => {
    const move = ['proof', 'move', '--to', bucket.store()]
    const killed = giro.start(move)
    await until('some are there', async () => (await bucket.keys()).length > 20)
    await killed.end('SIGKILL')
    const there = (await bucket.keys()).length
    expect(there).toBeLessThan(300)
    expect(await giro.ask(...move)).toMatchObject({ copied: 300 - there, same: there, wrong: [] })
    expect(await askOn(bucket.store(), 'proof', 'verify')).toMatchObject({ code: 0, proofs: 300 })

    const old = await giro.processor()
    await hear(10)
    await archived()
    await old.end()
    const young = await giro.processor({ PROOF_STORE: bucket.store() })
    await hear(10)
    await archived()
    await young.end()
    expect(await giro.ask(...move)).toMatchObject({ copied: 10, same: 310, wrong: [] })
    const whole = { code: 0, proofs: 320, spooled: 0, wrong: [] }
    expect(await askOn(bucket.store(), 'proof', 'verify')).toMatchObject(whole)

    const folder = `file:${join(temporaryFolder(), 'back')}`
    const back = await askOn(bucket.store(), 'proof', 'move', '--to', folder)
    expect(back).toMatchObject({ code: 0, copied: 320, same: 0 })
    expect(await askOn(folder, 'proof', 'verify')).toMatchObject(whole)
  }, 90_000)

  it('names what the bucket has lost, and what somebody wrote there', async () => {
    const other = await openBucket()
    const [one] = await giro.ask('proof', 'list', '--limit', '1')
    await other.write(`proofs/${one.proof_key}`, Buffer.from('forged'))
    const found = await askOn(other.store(), 'proof', 'verify')
    expect(found).toMatchObject({ code: 1, proofs: notices })
    expect(found.wrong).toHaveLength(notices)
    expect(found.wrong).toContainEqual(
      expect.objectContaining({ proof_key: one.proof_key, state: 'different' }),
    )
  })
})
