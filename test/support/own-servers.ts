import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { atEnd } from './at-end.ts'
import { temporaryFolder } from './folder.ts'
import { repository, run } from './program.ts'

/** Servers of the test's own, so that those that other tests use stay alone. */
export function ownServers() {
  const checkout = temporaryFolder()
  for (const part of ['services', 'service', 'install-debian', 'install-go'])
    cpSync(join(repository, 'scripts', part), join(checkout, 'scripts', part), { recursive: true })
  // Programs that were built once are as good here.
  const built = join(repository, '.runtime/go')
  mkdirSync(built, { recursive: true })
  mkdirSync(join(checkout, '.runtime'))
  symlinkSync(built, join(checkout, '.runtime/go'))
  atEnd(() => services('stop'))

  function services(...args: string[]) {
    return run(join(checkout, 'scripts/services'), args, {})
  }

  /** The only line that it prints is the server's URL. */
  async function urlFrom(verb: 'start' | 'restart', name: string): Promise<string> {
    const { code, stdout, stderr } = await services(verb, name)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const [, url] = /^[A-Z0-9]+_URL=(\S+)\n$/.exec(stdout) ?? []
    if (url === undefined) throw new Error(`no URL: ${stdout}`)
    return url
  }

  async function processOf(name: string): Promise<number> {
    const { stdout } = await services('status', name)
    return Number(/ runs as process (\d+), /.exec(stdout)?.[1])
  }

  return { checkout, services, urlFrom, processOf }
}

/** The first start may have to install a server. */
export const mayInstallMs = 300_000
