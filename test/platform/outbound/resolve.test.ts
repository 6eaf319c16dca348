import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { createResolve } from '../../../src/platform/outbound/resolve.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { found } from '../../support/guard.ts'
import { type Entry, openNameServer } from '../../support/name-server.ts'

const silent: Entry = { silent: ['a', 'aaaa'] }

/** Names as these say; `toSystem` are those that the system was asked for. */
async function opened(entries: Record<string, Entry>, hosts = '') {
  const server = await openNameServer(entries)
  const hostsFile = join(temporaryFolder(), 'hosts')
  writeFileSync(hostsFile, hosts)
  const toSystem: string[] = []
  const system = async (name: string) => {
    toSystem.push(name)
    return found('192.0.2.99')
  }
  const options = { hostsFile, system, timeoutMs: 200 }
  const resolve = createResolve({ ...options, nameServers: [server.address] })
  return { resolve, heard: server.heard, toSystem, options }
}

describe('a name', () => {
  it('has the addresses of both families that a name server says', async () => {
    const both = { a: '192.0.2.1', aaaa: '2001:db8:0:0:0:0:0:1' }
    const { resolve, toSystem } = await opened({
      'both.example': both,
      'v4.example': { a: both.a },
    })
    expect(await resolve('both.example')).toEqual(
      expect.arrayContaining(found('192.0.2.1', '2001:db8::1')),
    )
    expect(await resolve('v4.example')).toEqual(found('192.0.2.1'))
    expect(toSystem).toEqual([])
  })

  it('has those of the hosts file alone where it is there', async () => {
    const hosts = `# 192.0.2.2 partner.example
      192.0.2.3\tother.example Partner.Example # the partner
      ::1 partner.example
      partner.example 192.0.2.4`
    const { resolve, heard } = await opened({ 'partner.example': { a: '192.0.2.1' } }, hosts)
    expect(await resolve('partner.example')).toEqual(found('192.0.2.3', '::1'))
    expect(heard).toEqual([])
  })

  it('that no name server knows is looked up in the way of the system', async () => {
    const { resolve, toSystem, options } = await opened({ 'empty.example': {} })
    for (const name of ['nobody.example', 'empty.example', `${'a'.repeat(64)}.example`])
      expect(await resolve(name)).toEqual(found('192.0.2.99'))
    const alone = createResolve({ ...options, nameServers: ['127.0.0.1:1'] })
    expect(await alone('alone.example')).toEqual(found('192.0.2.99'))
    expect(toSystem).toHaveLength(4)
  })

  it('does not wait for names whose name servers are silent', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `silent${i}.example`)
    const entries = Object.fromEntries(names.map((name) => [name, silent]))
    const { resolve, toSystem } = await opened({
      ...entries,
      'answers.example': { a: '192.0.2.1' },
    })
    const over: string[] = []
    const waiting = names.map((name) =>
      resolve(name).catch(({ code }) => {
        over.push(code)
      }),
    )
    expect(await resolve('answers.example')).toEqual(found('192.0.2.1'))
    expect(over).toEqual([])
    await Promise.all(waiting)
    expect(over).toEqual(names.map(() => 'ETIMEOUT'))
    expect(toSystem).toEqual([])
  })

  it('has the addresses of one family where nothing is heard of the other', async () => {
    const { resolve } = await opened({ 'half.example': { a: '192.0.2.1', silent: ['aaaa'] } })
    expect(await resolve('half.example')).toEqual(found('192.0.2.1'))
  })

  it('is not looked up again where name servers fail', async () => {
    const half: Entry = { silent: ['a'] }
    const { resolve, toSystem } = await opened({
      'fails.example': { fails: true },
      'half.example': half,
    })
    await expect(resolve('fails.example')).rejects.toMatchObject({ code: 'ESERVFAIL' })
    await expect(resolve('half.example')).rejects.toMatchObject({ code: 'ETIMEOUT' })
    expect(toSystem).toEqual([])
  })
})
