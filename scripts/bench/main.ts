import { cpus } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import type { Case, Options } from './case.ts'
import archive from './cases/archive.ts'
import delivery from './cases/delivery.ts'
import intake from './cases/intake.ts'
import intakeOne from './cases/intake-1.ts'
import latency from './cases/latency.ts'
import memory from './cases/memory.ts'
import { drawn, type Ran } from './report.ts'
import { releaseAllAtExit } from './started.ts'

const cases = new Map<string, Case>([
  ['intake', intake],
  ['intake-1', intakeOne],
  ['latency', latency],
  ['memory', memory],
  ['archive', archive],
  ['delivery', delivery],
])

const program = new Command('bench')
  .description(
    `Measures Giro against floors in the same run, on this machine.

  intake    payments a second at 64 connections ÷ an Express route that only answers
  intake-1  the same at 1 connection ÷ one such answer and one bare commit in sequence
  latency   from the bank's POST to the partner's receipt ÷ its parts measured alone
  memory    of serve at rest
  archive   proofs moved to a folder per second
  delivery  webhooks per second ÷ a bare loop that signs and POSTs

Exits with 1 where the work was not done right; a missed target is shown.`,
  )
  .argument('[case...]', 'what to measure; everything by default')
  .option('--json', 'print one JSON object')
  .option('--seconds <n>', 'for how long one round of load lasts', positive, 3)
  .option('--rounds <n>', 'how many rounds', positive, 5)
  .action(async (names: string[], { json, seconds, rounds }) => {
    const all = [...cases.keys()]
    const unknown = names.find((name) => !cases.has(name))
    if (unknown) return program.error(`There is no case ${unknown}; there are ${all.join(', ')}.`)
    const ran: Ran[] = []
    for (const [name, measure] of cases)
      if (names.length === 0 || names.includes(name))
        ran.push(await run(name, measure, { seconds, rounds }))
    const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? '' }
    console.log(json ? JSON.stringify({ ...machine, cases: ran }, null, 2) : drawn(ran, machine))
    if (ran.some(({ failure }) => failure !== null)) process.exitCode = 1
  })

async function run(name: string, measure: Case, options: Omit<Options, 'say'>): Promise<Ran> {
  try {
    const figures = await measure({ ...options, say: (progress) => say(`${name}: ${progress}`) })
    return { case: name, figures, failure: null }
  } catch (error) {
    return { case: name, figures: [], failure: (error as Error).message }
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 1000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 1000.')
  return value
}

function say(progress: string): void {
  console.error(progress)
}

releaseAllAtExit()
await program.parseAsync()
