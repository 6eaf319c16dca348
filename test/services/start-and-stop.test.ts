import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { mayInstallMs, ownServers } from '../support/own-servers.ts'
import { answers } from '../support/port.ts'
import { run } from '../support/program.ts'
import { until } from '../support/until.ts'

const { checkout, services, urlFrom, processOf } = ownServers()

/** What is asked of a server, and how its data is made and found again. */
type Client = {
  isLetIn(url: string): Promise<boolean>
  keep(url: string, name: string): Promise<unknown>
  isKept(url: string, name: string): Promise<boolean>
}

type Ask = (url: string, sql: string) => ReturnType<typeof run>

const clients: Record<string, Client> = {
  postgres: clientOf((url, sql) => run('psql', ['-wAtc', sql, url], {})),
  mariadb: clientOf((url, sql) => {
    const { hostname, port, username, password, pathname } = new URL(url)
    const at = [`--host=${hostname}`, `--port=${port}`, `--database=${pathname.slice(1)}`]
    const as = [`--user=${username}`, `--password=${password}`]
    return run('mariadb', ['--no-defaults', ...at, ...as, '-Ne', sql], {})
  }),
  s3: {
    isLetIn: (url) => asking(url, new ListBucketsCommand({})),
    keep: (url, name) => s3Client(url).send(new CreateBucketCommand({ Bucket: name })),
    isKept: (url, name) => asking(url, new HeadBucketCommand({ Bucket: name })),
  },
}

function clientOf(ask: Ask): Client {
  const database = (url: string, name: string) => changed(url, { pathname: `/${name}` })
  return {
    async isLetIn(url) {
      const { code, stdout } = await ask(url, 'SELECT 1')
      return code === 0 && stdout === '1\n'
    },
    async keep(url, name) {
      await ask(url, `CREATE DATABASE ${name}`)
      await ask(database(url, name), 'CREATE TABLE kept (n INTEGER)')
      await ask(database(url, name), 'INSERT INTO kept VALUES (42)')
    },
    async isKept(url, name) {
      return (await ask(database(url, name), 'SELECT n FROM kept')).stdout === '42\n'
    },
  }
}

function s3Client(url: string): S3Client {
  const { origin, username, password } = new URL(url)
  const credentials = { accessKeyId: username, secretAccessKey: password }
  const options = { endpoint: origin, region: 'us-east-1', forcePathStyle: true, credentials }
  return new S3Client(options)
}

function asking(url: string, command: ListBucketsCommand | HeadBucketCommand): Promise<boolean> {
  const asked = s3Client(url).send(command as ListBucketsCommand)
  return asked.then(
    () => true,
    () => false,
  )
}

/** The same server, seen by others. */
function changed(url: string, change: Partial<URL>): string {
  return Object.assign(new URL(url), change).href
}

describe.each(Object.entries(clients))('%s', (name, client) => {
  let url: string

  beforeAll(async () => {
    url = await urlFrom('start', name)
  }, mayInstallMs)

  it('answers whom the URL names, and nobody else', async () => {
    expect(await client.isLetIn(url)).toBe(true)
    for (const change of [{ password: 'wrong' }, { username: 'root', password: '' }])
      expect(await client.isLetIn(changed(url, change))).toBe(false)
  })

  it('stays as it is when it is started again, twice at once', async () => {
    const before = await processOf(name)
    expect(await Promise.all([urlFrom('start', name), urlFrom('start', name)])).toEqual([url, url])
    expect(await processOf(name)).toBe(before)
  })

  it.each(['start', 'restart'] as const)('has its data after kill -9 and %s', async (verb) => {
    await client.keep(url, `kept${verb}`)
    expect(await client.isKept(url, `kept${verb}`)).toBe(true)

    process.kill(await processOf(name), 'SIGKILL')
    await until('it is dead', async () => !(await answers(Number(new URL(url).port))))
    expect((await services('status', name)).stdout).toContain('ended')

    expect(await urlFrom(verb, name)).toBe(url)
    expect(await client.isKept(url, `kept${verb}`)).toBe(true)
  })

  it('comes back when it hangs, by restart', async () => {
    process.kill(await processOf(name), 'SIGSTOP')
    expect((await services('status', name)).stdout).toContain('does not answer')
    expect(await urlFrom('restart', name)).toBe(url)
  })

  it('is gone with its data after stop, which may be repeated', async () => {
    const folder = realpathSync(join(checkout, '.runtime/services', name))
    for (const _ of ['once', 'twice'])
      expect(await services('stop', name)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(existsSync(folder)).toBe(false)
    expect(await answers(Number(new URL(url).port))).toBe(false)
    expect((await services('status', name)).stdout).toBe(`${name}: absent\n`)
  })
})

it('a service that nobody knows is refused in one sentence that names the others', async () => {
  const { code, stderr } = await services('start', 'oracle')
  expect(code).toBe(1)
  expect(stderr).toBe("giro: there is no service 'oracle': choose from mariadb postgres s3\n")
})
