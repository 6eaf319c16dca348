import { type Giro, openGiro, registerSampleParties } from '../support/giro.ts'
import type { Operator } from '../support/http.ts'
import { freePort } from '../support/port.ts'
import { type Program, startManage } from '../support/program.ts'
import { type Chance, seeded } from '../support/seeded.ts'
import { until } from '../support/until.ts'
import { type Banks, openBanks } from './banks.ts'
import { databaseServer } from './database-server.ts'
import { openPartners } from './partners.ts'
import { type Part, processorPart, servePart } from './parts.ts'

/** Notices between two kills. They end the wait for the moment of the next one. */
const noticesPerKill = 50

/** So often it is the server of the database that is killed, where this run may do that. */
const killsPerServerKill = 20

const manyQuickTries = ['0', ...Array<string>(100).fill('0.05')].join(',')

export type Campaign = {
  giro: Giro
  api: Operator
  banks: Banks
  partners: Awaited<ReturnType<typeof openPartners>>
  /** All programs that ran, the dead ones too. */
  programs: Program[]
  killed: Killed
}

/** How many of each kind were killed. */
type Killed = Record<Part['command'] | 'starting' | 'database', number>

/** Kills at moments that only the seed knows, while the banks send and the partners stumble. */
export async function runCampaign(seed: number, kills: number): Promise<Campaign> {
  const giro = await openGiro({
    DELIVERY_SCHEDULE: manyQuickTries,
    DELIVERY_TIMEOUT: '0.3',
    DELIVERY_LEASE: '0.6',
  })
  const door = servePart(giro, await freePort())
  const doors = [door]
  const parts: Part[] = [door, processorPart(giro)]
  // Several processes of a kind share a server; on a file one of each is what there is.
  if (giro.place.dialect !== 'sqlite') {
    doors.push(servePart(giro, await freePort()))
    parts.push(...doors.slice(1), processorPart(giro))
  }
  for (const part of parts) await part.start()
  await registerSampleParties(door.api())
  const partners = await openPartners(door.api(), seed)
  const banks = openBanks(doors, partners.accounts, seed)

  const killed: Killed = { serve: 0, 'run-payment-processor': 0, starting: 0, database: 0 }
  const chance = seeded(seed)
  for (let count = 1; count <= kills; count += 1) {
    await workGoesOn(banks, chance)
    if (databaseServer && count % killsPerServerKill === 0) {
      killed.database += 1
      await databaseServer.killAndRestart(chance)
    } else await killSome(someOf(parts, chance), { giro, killed, chance })
  }
  await banks.finish()
  const programs = parts.flatMap((part) => part.programs)
  return { giro, api: door.api(), banks, partners, programs, killed }
}

/** Resolves at some moment while notices are under way. */
async function workGoesOn(banks: Banks, chance: Chance): Promise<void> {
  const enough = banks.acknowledged() + chance.between(1, noticesPerKill / 2)
  banks.allow(noticesPerKill)
  await until('the banks are at work', () => banks.acknowledged() >= enough, 60_000)
  await until('a moment', moment(chance.between(0, 40)))
}

/** One at least. */
function someOf(parts: Part[], chance: Chance): Part[] {
  const some = parts.filter(() => chance.happens(0.4))
  return some.length > 0 ? some : [chance.oneOf(parts as [Part, ...Part[]])]
}

type Killing = { giro: Giro; killed: Killed; chance: Chance }

async function killSome(some: Part[], killing: Killing): Promise<void> {
  for (const { command } of some) killing.killed[command] += 1
  await Promise.all(some.map((part) => part.kill()))
  await Promise.all(some.map((part) => startAgain(part, killing)))
}

/** Now and then killed a second time, while it starts. */
async function startAgain({ command, start }: Part, { giro, killed, chance }: Killing) {
  if (chance.happens(0.2)) {
    const unlucky = startManage([command], giro.settings)
    killed.starting += 1
    await until('a moment of its start', moment(chance.between(100, 600)))
    await unlucky.end('SIGKILL')
  }
  await start()
}

function moment(ms: number): () => boolean {
  const at = performance.now() + ms
  return () => performance.now() >= at
}
