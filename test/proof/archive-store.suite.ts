import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import type { ArchiveObject, ArchiveStore } from '../../src/proof/archive-store.ts'

let last = 0

/** An object whose key nobody has used yet. */
export function anObject(body: Buffer = randomBytes(100)): ArchiveObject {
  last += 1
  const id = `prf_${String(last).padStart(8, '0')}`
  const key = `test_bank/2026/11/21/${id}.bin`
  return { key, body, sha256: sha256(body), metadata: { id, bank: 'test_bank' } }
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

const bodies: [what: string, body: Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from([0])],
  ['every byte there is', Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
  ['text of many alphabets', Buffer.from('{"a":"Ünïcødé ፩ 日本\\n"}')],
  ['a mebibyte', randomBytes(1024 * 1024)],
]

/** The contract of the archive: every kind of store has to pass it. Each test opens its own. */
/** As text, since comparing a mebibyte element by element takes a test minutes. */
const hex = (bytes: Buffer | null) => bytes?.toString('hex')

export function archiveStoreSuite(name: string, open: () => Promise<ArchiveStore>): void {
  describe(`${name}, as an archive`, () => {
    it.each(bodies)('gives back %s as it was put', async (_, body) => {
      const store = await open()
      const object = anObject(body)
      await store.put(object)
      expect(hex(await store.get(object.key))).toBe(hex(body))
    })

    it('has nothing under a key that was never put', async () => {
      const store = await open()
      await store.put(anObject())
      expect(await store.get(anObject().key)).toBeNull()
    })

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
  })
}
