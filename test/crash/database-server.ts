import { join } from 'node:path'
import { repository, run } from '../support/program.ts'
import type { Chance } from '../support/seeded.ts'

declare global {
  /** The server that this run may kill, by its name in scripts/services. */
  var databaseService: string | undefined
}

export const databaseServer =
  globalThis.databaseService === undefined ? null : serverOf(globalThis.databaseService)

function serverOf(name: string) {
  return {
    /** Kills all of the server's processes, or the first alone, and brings it back. */
    async killAndRestart(chance: Chance): Promise<void> {
      const said = await services('status', name)
      const [, pid] = / runs as process (\d+), /.exec(said) ?? []
      if (pid === undefined) throw new Error(`${name} does not run: ${said}`)
      process.kill(chance.happens(0.5) ? -Number(pid) : Number(pid), 'SIGKILL')
      await services('restart', name)
    },
  }
}

async function services(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(join(repository, 'scripts/services'), args, {})
  if (code !== 0) throw new Error(`scripts/services ${args.join(' ')}: ${stderr}`)
  return stdout
}
