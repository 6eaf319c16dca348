import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createDatabase, type Giro, openGiro } from '../../src/compose.ts'
import { createLog } from '../../src/platform/log.ts'
import { type Beside, openBeside, type Row } from './beside.ts'
import { check } from './case.ts'
import type { Host } from './host.ts'
import { notice } from './notice.ts'
import { freePort, type Program, runProgram, startProgram, temporaryFolder } from './started.ts'

/** A partner who is never told anything, since no payment processor runs. */
export const nowhere = 'http://127.0.0.1:9/payments'

/** A fresh Giro: a folder, a database with one payer and one partner, and its programs. */
export type Place = Awaited<ReturnType<typeof freshPlace>>

type Wanted = { partnerUrl?: string; settings?: Record<string, string> }

/** With a partner's URL it has one API route; without, payments are booked and nobody is told. */
export async function freshPlace(host: Host, { partnerUrl, settings = {} }: Wanted = {}) {
  const folder = temporaryFolder()
  const port = await freePort()
  const { url: databaseUrl, drop } = await host.fresh()
  const env = {
    DATA_DIR: folder.path,
    DATABASE_URL: databaseUrl,
    PROOF_STORE: `file:${folder.path}/proofs`,
    SECRET_KEY: secretKey,
    HOST: '127.0.0.1',
    PORT: `${port}`,
    OUTBOUND_ALLOW: '127.0.0.0/8',
    LOG_LEVEL: 'warn',
    NODE_COMPILE_CACHE: compileCache,
    ...settings,
  }
  await createDatabase(env)
  await register(env, partnerUrl)
  const beside = await openBeside(databaseUrl)
  const running = new Set<Program>()

  async function run(program: string, args: string[] = [], more: Record<string, string> = {}) {
    const started = startProgram(program, { args, env: { ...env, ...more } })
    running.add(started)
    return started
  }

  return {
    url: `http://127.0.0.1:${port}`,
    databaseUrl,
    proofs: `${folder.path}/proofs`,
    /** Starts one of Giro's own programs, `serve` with an answer from its door. */
    manage: (command: string) => run('../../cli/manage.ts', [command]),
    /** One more `serve`, ready on a port of its own; its URL. */
    async serveBeside(): Promise<string> {
      const own = await freePort()
      await run('../../cli/manage.ts', ['serve'], { PORT: `${own}` })
      await untilReady(`http://127.0.0.1:${own}/readyz`)
      return `http://127.0.0.1:${own}`
    },
    /** HTTP and payment processor in one process. */
    whole: () => run('./programs/whole.ts'),
    ready: () => untilReady(`http://127.0.0.1:${port}/readyz`),
    /** Works with Giro's rooms in this process, as a command would. */
    giro: <T>(work: (giro: Giro) => Promise<T>) => withGiro(env, work),
    /** One payment through the door; the answer's length. */
    async firstPayment() {
      const headers = { 'content-type': 'application/json' }
      const sent = { method: 'POST', headers, body: notice }
      const answer = await fetch(`http://127.0.0.1:${port}/africa_bank`, sent)
      check(answer.status === 201, `the first notice was answered ${answer.status}`)
      return (await answer.text()).length
    },
    booksBalance: () => content(['books'], env, 'the books do not balance'),
    proofsAreKept: () => content(['proof', 'verify'], env, 'not every proof is as it was heard'),
    ...beyond(beside),
    async stop() {
      for (const program of running) await program.stop()
      running.clear()
    },
    async release() {
      await beside.close()
      await drop()
      folder.release()
    },
  }
}

async function content(args: string[], env: Record<string, string>, otherwise: string) {
  check(await runProgram('../../cli/manage.ts', { args, env }), otherwise)
}

/** The database from beside Giro, which knows nothing of it. */
function beyond(beside: Beside) {
  const row = async (query: string): Promise<Row> =>
    (await beside.session((session) => session.query(query)))[0] ?? {}
  return {
    row,
    /** One number out of the database. */
    async ask(query: string): Promise<number> {
      return Number(Object.values(await row(query))[0])
    },
    /** Changes the database behind Giro's back. */
    async run(statement: string): Promise<void> {
      await beside.session((session) => session.query(statement))
    },
  }
}

const secretKey = '5e'.repeat(32)

/** Where scripts/manage keeps what Node has compiled: programs start as operators start them. */
const compileCache = fileURLToPath(new URL('../../.runtime/compile-cache', import.meta.url))

/** Works in a fresh place; its programs are stopped and its folder removed whatever happens. */
export async function inPlace<T>(
  host: Host,
  wanted: Wanted,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const place = await freshPlace(host, wanted)
  try {
    return await work(place)
  } finally {
    await place.stop()
    await place.release()
  }
}

async function register(env: Record<string, string>, partnerUrl: string | undefined) {
  await withGiro(env, async ({ parties }) => {
    await parties.createPayer({ id: 'payer1', name: 'A payer' })
    await addPartners(parties, ['partner1'], partnerUrl)
  })
}

/** Registers partners, who are told at this URL if there is one. */
export async function addPartners(
  parties: Giro['parties'],
  names: string[],
  url: string | undefined,
): Promise<void> {
  const add = async (name: string) => {
    await parties.createPartner({ account_id: name, name: 'A partner' })
    // The daemon's slots are the limit, as they are for a bare loop.
    const route = { notify_method: 'api', concurrency: 1000 } as const
    if (url) await parties.createRoute(name, { ...route, contact_path: url })
  }
  await Promise.all(names.map(add))
}

async function withGiro<T>(
  env: Record<string, string>,
  work: (giro: Giro) => Promise<T>,
): Promise<T> {
  const giro = await openGiro(env, await createLog({ level: 'warn', pretty: false, to: 'stderr' }))
  try {
    return await work(giro)
  } finally {
    await giro.close()
  }
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const ready = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ready) return
    await wait(25)
  }
  throw new Error(`${url} did not become ready`)
}

/** Whether what was answered 201 is stored, no more and no less. */
export async function checkPayments({ ask }: Place, accepted: number): Promise<void> {
  const stored = await ask('SELECT COUNT(*) FROM payments')
  check(stored === accepted, `${accepted} times 201, ${stored} payments`)
}
