import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { UserError } from '../../src/platform/problem.ts'
import { folderStore } from '../../src/proof/folder-store.ts'
import { temporaryFolder } from '../support/folder.ts'
import { anObject, archiveStoreSuite } from './archive-store.suite.ts'

archiveStoreSuite('a folder', async () => folderStore(temporaryFolder()))

async function aFolder() {
  const root = join(temporaryFolder(), 'proofs')
  return { root, store: folderStore(root) }
}

const filesIn = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted()

describe('the archive in a folder', () => {
  it('keeps exactly the body under the key, what is known of it beside, and nothing else', async () => {
    const { root, store } = await aFolder()
    const object = anObject()
    await store.put(object)
    expect(readFileSync(join(root, object.key))).toEqual(object.body)
    const metadata = readFileSync(join(root, object.key.replace(/\.bin$/, '.json')), 'utf8')
    expect(JSON.parse(metadata)).toEqual(object.metadata)
    expect(filesIn(root)).toHaveLength(2)
  })

  it('leaves no half of a file where a put failed', async () => {
    const { root, store } = await aFolder()
    const object = anObject()
    await store.put(object)
    await expect(store.put({ ...object, body: Buffer.from('x'), sha256: '0' })).rejects.toThrow()
    expect(filesIn(root)).toHaveLength(2)
  })

  it('completes what a process that died left half done', async () => {
    const { root, store } = await aFolder()
    const object = anObject()
    const path = join(root, object.key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, object.body)
    writeFileSync(join(root, '.incoming', 'left-behind'), 'half')
    await store.put(object)
    expect(existsSync(path.replace(/\.bin$/, '.json'))).toBe(true)
    expect(await store.get(object.key)).toEqual(object.body)
  })

  it('removes what a killed process left behind a day ago, and nothing younger', async () => {
    const { root } = await aFolder()
    const [old, young] = ['old', 'young'].map((name) => join(root, '.incoming', name))
    for (const path of [old, young]) writeFileSync(path ?? '', 'half')
    utimesSync(old ?? '', 0, 0)
    folderStore(root)
    expect(existsSync(old ?? '')).toBe(false)
    expect(existsSync(young ?? '')).toBe(true)
  })

  it('goes on in a folder that was emptied under it', async () => {
    const { root, store } = await aFolder()
    const [first, second] = [anObject(), anObject()]
    await store.put(first)
    rmSync(join(root, 'test_bank'), { recursive: true })
    await store.put(second)
    expect(await store.get(second.key)).toEqual(second.body)
  })

  it('says so when it is not there any more', async () => {
    const { root, store } = await aFolder()
    renameSync(root, `${root}.away`)
    await expect(store.check()).rejects.toThrow('ENOENT')
    await expect(store.put(anObject())).rejects.toThrow()
    renameSync(`${root}.away`, root)
    await store.check()
    await store.put(anObject())
  })

  it('says in a sentence that it cannot be made, and which setting to change', async () => {
    const file = join(temporaryFolder(), 'a-file')
    writeFileSync(file, '')
    expect(() => folderStore(join(file, 'proofs'))).toThrow(UserError)
    expect(() => folderStore(join(file, 'proofs'))).toThrow('another PROOF_STORE')
  })
})
