/**
 * Completes package-lock.json after `npm install` with a registry that does not carry the packages
 * for other platforms (many a mirror does not). npm then leaves these out of the lock file, and
 * from version 11 on its `npm ci` refuses that file. An entry without a hash is enough: it is never
 * fetched where the platform is another.
 */
import { readFileSync, writeFileSync } from 'node:fs'

type Entry = {
  version?: string
  cpu?: string[]
  dev?: boolean
  libc?: string[]
  optional?: boolean
  os?: string[]
  optionalDependencies?: Record<string, string>
}
type Lock = { packages: Record<string, Entry> }

const PLATFORM = /(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(-.+)?$/

const file = new URL('../package-lock.json', import.meta.url)
const lock: Lock = JSON.parse(readFileSync(file, 'utf8'))

const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(path, name))
    .map(([name, version]) => [`node_modules/${name}`, stub(entry, name, version)] as const),
)

const packages = { ...lock.packages, ...Object.fromEntries(missing) }
lock.packages = Object.fromEntries(
  Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
)
if (missing.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.error(`package-lock.json: ${missing.length} packages for other platforms added`)

/** A package is looked for beside the one that wants it, then in each folder above. */
function isLocked(path: string, name: string): boolean {
  if (path === '') return `node_modules/${name}` in lock.packages
  const above = path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/')))
  return `${path}/node_modules/${name}` in lock.packages || isLocked(above, name)
}

function stub(wantedBy: Entry, name: string, version: string): Entry {
  const [, os, cpu, abi = ''] = PLATFORM.exec(name) ?? []
  if (!os || !cpu) throw new Error(`${name} is missing, and its name tells no platform`)
  return {
    version,
    cpu: [cpu],
    ...(wantedBy.dev && { dev: true }),
    ...(os === 'linux' && { libc: [abi.includes('musl') ? 'musl' : 'glibc'] }),
    optional: true,
    os: [os],
  }
}
