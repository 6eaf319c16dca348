import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import type { ArchiveObject, ArchiveStore } from '../../src/proof/archive-store.ts'

let last = 0

/** An object whose key nobody has used yet. */
export function anObject(body: Buffer = randomBytes(100)): ArchiveObject {
  last += 1
  const id = `prf_${String(last).padStart(8, '0')}`
  const key = `test_bank/2026/11/21/${id}.bin`
  const contentType = 'application/json'
  return { key, body, sha256: sha256(body), contentType, metadata: { id, bank: 'test_bank' } }
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

/** The key as it would be if somebody took it for a part of a URL. */
function decoded(key: string): string {
  return key.includes('%') ? decodeURI(key) : key
}

const bodies: [what: string, body: Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from([0])],
  ['every byte there is', Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
  ['text of many alphabets', Buffer.from('{"a":"Ünïcødé ፩ 日本\\n"}')],
  ['a mebibyte', randomBytes(1024 * 1024)],
]

const oddKeys = [
  'a b/c+d%20e&f=g?h#i.bin',
  'ünïcödé/日本/፩/😀.bin',
  `quotes '"/<&>;,$@!*()[]{}|^~.bin`,
  'two..dots/.hidden/-dash/con.bin',
  `${'long/'.repeat(20)}${'k'.repeat(60)}.bin`,
]

/** As text, since comparing a mebibyte element by element takes a test minutes. */
const hex = (bytes: Buffer | null) => bytes?.toString('hex')

type Open = () => Promise<ArchiveStore>

/** The contract of the archive: every kind of store has to pass it. Each test opens its own. */
export function archiveStoreSuite(name: string, open: Open): void {
  describe(`${name}, as an archive`, () => {
    whatIsPut(open)
    whatIsThereAlready(open)
  })
}

function whatIsPut(open: Open): void {
  it.each(bodies)('gives back %s as it was put', async (_, body) => {
    const store = await open()
    const object = anObject(body)
    await store.put(object)
    expect(hex(await store.get(object.key))).toBe(hex(body))
  })

  it.each(bodies)('knows the hash of %s', async (_, body) => {
    const store = await open()
    const object = anObject(body)
    await store.put(object)
    expect(await store.sha256(object.key)).toBe(object.sha256)
  })

  it.each(oddKeys)('keeps each key apart from all others, also %s', async (key) => {
    const store = await open()
    const object = { ...anObject(), key }
    await store.put(object)
    expect(hex(await store.get(key))).toBe(hex(object.body))
    expect(await store.sha256(key)).toBe(object.sha256)
    for (const other of [`x${key}`, key.slice(1), decoded(key), encodeURI(key)])
      if (other !== key) expect([other, await store.get(other)]).toEqual([other, null])
  })

  it('has nothing under a key that was never put', async () => {
    const store = await open()
    await store.put(anObject())
    const { key } = anObject()
    expect([await store.get(key), await store.sha256(key)]).toEqual([null, null])
  })

  it('takes what is known of a body in any language and of any length', async () => {
    const store = await open()
    const metadata = { bank: 'ünïcode \ud800', path: '/x'.repeat(5000), headers: { a: ['b'] } }
    const object = { ...anObject(), metadata }
    await store.put(object)
    expect(hex(await store.get(object.key))).toBe(hex(object.body))
  })
}

function whatIsThereAlready(open: Open): void {
  it('takes the same bytes twice, one after the other or at once', async () => {
    const store = await open()
    const object = anObject()
    await Promise.all([store.put(object), store.put(object)])
    await store.put(object)
    expect(hex(await store.get(object.key))).toBe(hex(object.body))
  })

  it('never overwrites: other bytes under a key that is taken are a fault', async () => {
    const store = await open()
    const object = anObject()
    const other = Buffer.from('other bytes')
    await store.put(object)
    const second = { ...object, body: other, sha256: sha256(other) }
    await expect(store.put(second)).rejects.toThrow()
    expect(hex(await store.get(object.key))).toBe(hex(object.body))
  })

  it('lets one of two with other bytes win when they come at once, and tells the other', async () => {
    const store = await open()
    const [a, b] = [Buffer.from('a'), Buffer.from('b')]
    const object = anObject(a)
    const settled = await Promise.allSettled([
      store.put(object),
      store.put({ ...object, body: b, sha256: sha256(b) }),
    ])
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await store.get(object.key)).toEqual(settled[0]?.status === 'fulfilled' ? a : b)
  })

  it('is a fault when what it holds is not what was to be put', async () => {
    const store = await open()
    const object = anObject()
    const wrong = { ...object, sha256: sha256(Buffer.from('something else')) }
    await expect(store.put(wrong)).rejects.toThrow()
  })

  it('takes many at once', async () => {
    const store = await open()
    const objects = Array.from({ length: 100 }, () => anObject())
    await Promise.all(objects.map((object) => store.put(object)))
    for (const { key, body } of objects) expect(hex(await store.get(key))).toBe(hex(body))
  })

  it('can be asked whether it would take anything', async () => {
    const store = await open()
    await store.check()
  })
}
