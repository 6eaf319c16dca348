import { describe, expect, it } from '@jest/globals'
import { freshSettings } from '../support/giro.ts'
import { urlOf } from '../support/place.ts'
import { freePort } from '../support/port.ts'
import { runManage } from '../support/program.ts'

/** The settings of a new database with its URL changed. */
async function changed(change: (url: URL) => unknown) {
  const { place, settings } = await freshSettings()
  const url = new URL(urlOf(place))
  change(url)
  return { ...settings, DATABASE_URL: url.href }
}

const commands = [['create-db'], ['db', 'status'], ['payer', 'list'], ['serve']]

async function expectSentence(settings: Record<string, string>, sentence: RegExp) {
  for (const command of commands) {
    const { code, stdout, stderr } = await runManage(command, settings)
    expect({ command, code, stdout }).toEqual({ command, code: 1, stdout: '' })
    expect(stderr).toMatch(/^[A-Z][^\n]*\.\n$/)
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toContain(new URL(settings.DATABASE_URL ?? '').password)
  }
}

describe('DATABASE_URL', () => {
  it('with a wrong password is refused in one sentence that does not repeat it', async () => {
    const settings = await changed((url) => {
      url.password = 'not-the-password'
    })
    await expectSentence(settings, /refuses giro.*password/)
  })

  it('of a server that is not there is refused in one sentence', async () => {
    const port = await freePort()
    const settings = await changed((url) => {
      url.port = `${port}`
    })
    await expectSentence(settings, /No database answers at 127\.0\.0\.1:\d+/)
  })

  it('of a database that is not there is refused in one sentence', async () => {
    const settings = await changed((url) => {
      url.pathname = '/nobody_made_it'
    })
    await expectSentence(settings, /no database nobody_made_it/)
  })

  it('of a database without the tables says how to make them', async () => {
    const { settings } = await freshSettings()
    const { code, stderr } = await runManage(['payer', 'list'], settings)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^[^\n]*run manage create-db\.\n$/)
  })
})

describe('SECRET_KEY', () => {
  it('must be given with a server, and be the one that the database knows', async () => {
    const { settings } = await freshSettings()
    await runManage(['create-db'], settings)
    const { SECRET_KEY: _, ...without } = settings
    const missing = await runManage(['payer', 'list'], without)
    expect(missing.code).toBe(1)
    expect(missing.stderr).toMatch(/^Set SECRET_KEY [^\n]*\.\n$/)

    expect((await runManage(['payer', 'list'], settings)).code).toBe(0)
    const another = { ...settings, SECRET_KEY: 'ab'.repeat(32) }
    const { code, stderr } = await runManage(['payer', 'list'], another)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^SECRET_KEY is not the key of this database[^\n]*\.\n$/)
  })
})
