import type { Command } from 'commander'
import { toIso } from '../src/platform/clock.ts'
import { verify, type Wrong } from '../src/proof/index.ts'
import { withGiro } from './giro.ts'
import { past } from './options.ts'
import { printList, printOne, type Shown, say } from './print.ts'
import { createProgress } from './progress.ts'

export function addVerify(proof: Command): void {
  proof
    .command('verify')
    .description('read the bytes of every proof again, and compare them with their hashes')
    .option('--since <date>', 'only what came since: a date, or a date-time with its zone', past)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
What is in PROOF_STORE is read from there, and what is still in the spool is compared there. Exits
with 1 and names the proofs where one is missing, different or unreadable. It changes nothing and
may run beside everything else; on S3 each proof is one GET.`,
    )
    .action(({ since = 0, json }) =>
      withGiro(async ({ database, archive }) => {
        const { step, end } = createProgress()
        const found = await verify({
          database,
          archive,
          since,
          reached: ({ proofs, wrong }, { receivedDate }) =>
            step(`${proofs} proofs, up to ${toIso(receivedDate)}, ${wrong.length} wrong`),
        }).finally(end)
        const { proofs, spooled, bytes } = found
        const wrong = found.wrong.map(viewWrong)
        if (json) printOne({ proofs, spooled, bytes, wrong }, { json })
        else {
          if (wrong.length > 0) printWrong(wrong)
          const size = `${proofs} proofs (${bytes} bytes), ${spooled} of them in the spool`
          say(
            wrong.length === 0
              ? `All are as they were heard: ${size}.`
              : `${wrong.length} are NOT as they were heard, of ${size}.`,
          )
        }
        if (wrong.length > 0) process.exitCode = 1
      }),
    )
}

/** What is wrong with a proof, for people and programs. */
export function viewWrong({ proof, state, detail }: Wrong): Shown {
  return { proof_key: proof.proofKey, id: proof.id, state, detail }
}

export function printWrong(wrong: Shown[]): void {
  printList(wrong, ['state', 'proof_key', 'detail'], {})
}
