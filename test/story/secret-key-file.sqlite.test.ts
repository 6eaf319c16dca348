import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { addRoute, type Giro, openGiro, registerSampleParties } from '../support/giro.ts'
import { runManage } from '../support/program.ts'

const newKey = randomBytes(32).toString('hex')

async function giroWithRoute() {
  const giro = await openGiro()
  const serving = await giro.serve()
  await registerSampleParties(serving.api)
  await addRoute(serving.api, 'http://127.0.0.1:9/')
  await serving.end()
  return giro
}

const rotate = (giro: Giro, more = {}) =>
  runManage(['secret-key', 'rotate'], { ...giro.settings, NEW_SECRET_KEY: newKey, ...more })

const keyFile = ({ dataDir }: Giro) => join(dataDir, 'secret.key')

describe('a key that Giro keeps', () => {
  it('is replaced in its file, for its owner alone, and nothing else is left there', async () => {
    const giro = await giroWithRoute()
    const before = readdirSync(giro.dataDir)
    const { code, stdout } = await rotate(giro)
    expect([code, stdout]).toEqual([0, expect.stringContaining('start every process again')])
    expect(readFileSync(keyFile(giro), 'utf8')).toBe(`${newKey}\n`)
    expect(statSync(keyFile(giro)).mode & 0o777).toBe(0o600)
    expect(readdirSync(giro.dataDir)).toEqual(before)
    expect((await giro.manage('payment', 'list')).code).toBe(0)
  })

  it('is put there by a repeat, where the first was interrupted before that', async () => {
    const giro = await giroWithRoute()
    const old = readFileSync(keyFile(giro), 'utf8')
    expect((await rotate(giro)).code).toBe(0)
    writeFileSync(keyFile(giro), old)
    expect((await giro.manage('payment', 'list')).code).toBe(1)
    const again = await rotate(giro)
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('already')])
    expect(readFileSync(keyFile(giro), 'utf8')).toBe(`${newKey}\n`)
    expect((await giro.manage('payment', 'list')).code).toBe(0)
  })

  it('stays as it is where SECRET_KEY was given, which is then to be set', async () => {
    const giro = await giroWithRoute()
    const old = readFileSync(keyFile(giro), 'utf8')
    const { code, stdout } = await rotate(giro, { SECRET_KEY: old.trim() })
    expect([code, stdout]).toEqual([0, expect.stringContaining('Set SECRET_KEY')])
    expect(readFileSync(keyFile(giro), 'utf8')).toBe(old)
  })
})
