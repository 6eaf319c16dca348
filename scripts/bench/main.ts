import { cpus } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import type { Case, Options } from './case.ts'
import archive from './cases/archive.ts'
import backlog from './cases/backlog.ts'
import delivery from './cases/delivery.ts'
import email from './cases/email.ts'
import hot from './cases/hot.ts'
import intake from './cases/intake.ts'
import intakeOne from './cases/intake-1.ts'
import latency from './cases/latency.ts'
import memory from './cases/memory.ts'
import together from './cases/together.ts'
import { type DatabaseName, databases, hostsOf } from './host.ts'
import { drawn, type Ran } from './report.ts'
import { releaseAll, releaseAllAtExit } from './started.ts'

/** `on` names the databases that a case is for, where it is not for all. */
type Listed = { measure: Case; on?: DatabaseName[] }

const cases = new Map<string, Listed>([
  ['intake', { measure: intake }],
  ['intake-1', { measure: intakeOne }],
  ['latency', { measure: latency }],
  ['memory', { measure: memory }],
  ['archive', { measure: archive }],
  ['delivery', { measure: delivery }],
  ['together', { measure: together }],
  ['email', { measure: email }],
  ['hot', { measure: hot, on: ['postgres', 'mariadb'] }],
  ['backlog', { measure: backlog, on: ['sqlite', 'postgres'] }],
])

const program = new Command('bench')
  .description(
    `Measures Giro against floors in the same run, on this machine.

  intake    payments a second at 64 connections ÷ an Express route that only answers,
            and on a server ÷ one transaction per notice with the same rows
  intake-1  the same at 1 connection ÷ one such answer and one bare commit in sequence
  latency   from the bank's POST to the partner's receipt ÷ its parts measured alone
  memory    of serve at rest
  archive   proofs moved to a folder per second, and to a bucket on the server of S3_URL
  delivery  webhooks per second ÷ a bare loop that signs and POSTs
  together  payments taken in and told a second, end to end ÷ an Express route that only answers
  email     e-mails per second ÷ nodemailer's pool alone
  hot       intake to one partner ÷ to a thousand, with 1, 2 and 4 processes of serve (servers)
  backlog   intake, delivery, lists and memory beside many stored payments and many due deliveries
            (sqlite, postgres)

Servers are those of POSTGRES_URL and MARIADB_URL, where each measurement makes a database of its
own; a server without a URL is started by scripts/services, and stopped at the end.

Exits with 1 where the work was not done right; a missed target is shown.`,
  )
  .argument('[case...]', 'what to measure; everything by default')
  .option('--on <database>', 'sqlite, postgres, mariadb or all; may be repeated', chosen)
  .option('--json', 'print one JSON object')
  .option('--seconds <n>', 'for how long one round of load lasts', positive, 3)
  .option('--rounds <n>', 'how many rounds', positive, 5)
  .option('--payments <n>', 'how many payments a backlog has', positive, 1_000_000)
  .action(async (names: string[], { on = ['sqlite'], json, ...options }) => {
    const all = [...cases.keys()]
    const unknown = names.find((name) => !cases.has(name))
    if (unknown) return program.error(`There is no case ${unknown}; there are ${all.join(', ')}.`)
    const ran: Ran[] = []
    for (const host of hostsOf(on))
      for (const [name, { measure, on: only = databases }] of cases)
        if ((names.length === 0 || names.includes(name)) && only.includes(host.name))
          ran.push(await run(name, measure, { on: host, ...options }))
    if (ran.length === 0) program.error('None of these is measured on such a database: see --help.')
    await releaseAll()
    const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? '' }
    console.log(json ? JSON.stringify({ ...machine, cases: ran }, null, 2) : drawn(ran, machine))
    if (ran.some(({ failure }) => failure !== null)) process.exitCode = 1
  })

async function run(name: string, measure: Case, options: Omit<Options, 'say'>): Promise<Ran> {
  const about = { case: name, on: options.on.name }
  const told = `${name} on ${options.on.name}`
  try {
    const figures = await measure({ ...options, say: (progress) => say(`${told}: ${progress}`) })
    return { ...about, figures, failure: null }
  } catch (error) {
    return { ...about, figures: [], failure: (error as Error).message }
  }
}

/** One name, some with commas between, or `all`. */
function chosen(text: string, before: DatabaseName[] = []): DatabaseName[] {
  const names = text === 'all' ? databases : text.split(',')
  const known = databases.filter((name) => names.includes(name) || before.includes(name))
  const unknown = names.find((name) => !databases.includes(name as DatabaseName))
  if (unknown === undefined) return known
  throw new InvalidArgumentError(`There is no ${unknown}; there are ${databases.join(', ')}, all.`)
}

function positive(text: string): number {
  const value = Number(text)
  if (!/^\d{1,8}$/.test(text) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 to 99999999.')
  return value
}

function say(progress: string): void {
  console.error(progress)
}

releaseAllAtExit()
await program.parseAsync()
