import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { openBeside } from './beside.ts'
import { atEnd, temporaryFolder } from './started.ts'

export const databases = ['sqlite', 'postgres', 'mariadb'] as const
export type DatabaseName = (typeof databases)[number]

/** What DATABASE_URL says for a database that is this place's own, and the way to be rid of it. */
export type Fresh = { url: string; drop(): Promise<void> }

/** Where databases are made for measuring: in files, or on a server. */
export type Host = { name: DatabaseName; fresh(): Promise<Fresh> }

/** A host for each. Servers that the environment does not name run until the end. */
export function hostsOf(names: DatabaseName[]): Host[] {
  const absent = names.filter((name) => name !== 'sqlite' && !process.env[variables[name]])
  if (absent.length > 0) startServers(absent)
  return names.map((name) => (name === 'sqlite' ? files : serverHost(name)))
}

type ServerName = Exclude<DatabaseName, 'sqlite'>

const variables = { postgres: 'POSTGRES_URL', mariadb: 'MARIADB_URL' }

const files: Host = {
  name: 'sqlite',
  async fresh() {
    const { path, release } = temporaryFolder()
    return { url: `sqlite:${path}/giro.db`, drop: async () => release() }
  },
}

function serverHost(name: ServerName): Host {
  const server = process.env[variables[name]] ?? ''
  const force = name === 'postgres' ? ' WITH (FORCE)' : ''
  return {
    name,
    async fresh() {
      const database = `giro_bench_${randomBytes(6).toString('hex')}`
      const url = new URL(server)
      url.pathname = `/${database}`
      await administer(server, `CREATE DATABASE ${database}`)
      const drop = atEnd(() => administer(server, `DROP DATABASE IF EXISTS ${database}${force}`))
      return { url: url.href, drop }
    },
  }
}

async function administer(server: string, statement: string): Promise<void> {
  const beside = await openBeside(server)
  try {
    await beside.session(({ query }) => query(statement))
  } finally {
    await beside.close()
  }
}

const services = fileURLToPath(new URL('../services', import.meta.url))

/** Those that run already are used, and left as they are. */
function startServers(names: DatabaseName[]): void {
  const stopped = names.filter((name) => !status(name).includes(' runs as process '))
  if (stopped.length > 0) atEnd(async () => void run('stop', stopped))
  for (const line of run('start', names).trim().split('\n')) {
    const [, variable = '', url = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
    process.env[variable] = url
  }
}

function status(name: DatabaseName): string {
  return run('status', [name])
}

function run(verb: string, names: DatabaseName[]): string {
  const stdio = ['ignore', 'pipe', 'inherit'] as ('ignore' | 'pipe' | 'inherit')[]
  return execFileSync(services, [verb, ...names], { encoding: 'utf8', stdio })
}
