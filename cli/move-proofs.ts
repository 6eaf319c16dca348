import type { Command } from 'commander'
import { toIso } from '../src/platform/clock.ts'
import {
  loadSettings,
  type ProofPlace,
  proofPlaceOf,
  proofStoreUrl,
  setting,
} from '../src/platform/config/index.ts'
import { UserError } from '../src/platform/problem.ts'
import { move, openArchive } from '../src/proof/index.ts'
import { withGiro } from './giro.ts'
import { printOne, say } from './print.ts'
import { createProgress } from './progress.ts'
import { printWrong, viewWrong } from './verify-proofs.ts'

export function addMove(proof: Command): void {
  proof
    .command('move')
    .description('copy all archived proofs from PROOF_STORE to another store')
    .requiredOption('--to <url>', 'where to, as PROOF_STORE would say it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Nothing is removed from where the proofs are now. Each is compared with its hash when it is read and
when it is there. Giro may work meanwhile. To move without a gap: run it, set PROOF_STORE to the new
store for all that runs, restart, and run it once more with PROOF_STORE as it was, for what was
archived meanwhile. What was interrupted goes on when the same is run again: what is there already
is compared, and not sent again. Exits with 1 and names the proofs that could not be copied.`,
    )
    .action(({ to, json }: { to: string; json?: boolean }) => {
      const { target } = loadSettings({ target: targetSetting }, { '--to': to })
      if (target === null) throw new UserError('Name the store to move to; see --help.')
      return moveTo(target, json === true)
    })
}

const targetSetting = setting({ env: '--to', parse: proofStoreUrl, help: 'where to' })

function moveTo(target: string, json: boolean): Promise<void> {
  return withGiro(async ({ database, archive, config }) => {
    const place = proofPlaceOf(target)
    if (nameOf(place) === nameOf(proofPlaceOf(config.proofStore)))
      throw new UserError('The target is the very store that PROOF_STORE names: name another.')
    const to = await openArchive(place)
    const { step, end } = createProgress()
    const done = await move({
      database,
      from: archive,
      to,
      reached: ({ copied, same }, { receivedDate }) =>
        step(`${copied} copied, ${same} there already, up to ${toIso(receivedDate)}`),
    }).finally(() => {
      end()
      to.close()
    })
    const { copied, same, spooled } = done
    const wrong = done.wrong.map(viewWrong)
    if (wrong.length > 0) process.exitCode = 1
    if (json) return printOne({ to: target, copied, same, spooled, wrong }, { json })
    if (wrong.length > 0) printWrong(wrong)
    say(`Copied ${copied} proofs; ${same} were there already, ${spooled} are still in the spool.`)
    if (wrong.length > 0) say(`${wrong.length} could NOT be copied: see above.`)
    else say(`To go on there, set PROOF_STORE to ${target} and restart; --help says how.`)
  })
}

/** What makes two stores the same, however they are used. */
function nameOf(place: ProofPlace): string {
  if (place.kind === 'folder') return place.folder
  return [place.endpoint, place.bucket, place.prefix].join(' ')
}
