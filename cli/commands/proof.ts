import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { Refused } from '../../src/platform/problem.ts'
import { content, listProofs, outcomes, proofsById, viewProof } from '../../src/proof/index.ts'
import { withGiro } from '../giro.ts'
import { addMove } from '../move-proofs.ts'
import { limitOption } from '../options.ts'
import { printList, printOne, say } from '../print.ts'
import { addVerify } from '../verify-proofs.ts'

export default function add(program: Command): void {
  const proof = program.command('proof').description('proofs: what banks sent, byte for byte')

  proof
    .command('list')
    .description('list proofs, newest first')
    .option('--bank <bank>', 'only those of this bank')
    .addOption(new Option('--outcome <outcome>', 'only those').choices(outcomes))
    .addOption(limitOption())
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ database }) => {
        const rows = await database.read((db) => listProofs(db, options, options.limit, null))
        const columns = ['id', 'received_date', 'bank', 'outcome', 'size', 'proof_key']
        printList(rows.map(viewProof), columns, options)
      }),
    )

  proof
    .command('show')
    .description('show what is known of a notice')
    .argument('<id>', "the proof's id")
    .option('--json', 'print JSON')
    .action((id: string, options) =>
      withGiro(async ({ database }) => {
        const found = (await database.read((db) => proofsById(db, [id]))).get(id)
        if (!found) throw new Refused('not_found', `There is no proof ${id}.`)
        printOne(viewProof(found), options)
      }),
    )

  proof
    .command('export')
    .description('write the exact bytes of a notice to a file, or to standard output')
    .argument('<id>', "the proof's id")
    .argument('[file]', 'a file that does not exist yet', '-')
    .action((id: string, file: string) =>
      withGiro(async ({ database, archive }) => {
        const found = await content(database, archive, id)
        if (!found) throw new Refused('not_found', `There is no proof ${id}.`)
        if (file === '-') return void process.stdout.write(found.body)
        writeFileSync(file, found.body, { flag: 'wx' })
        say(`Wrote ${found.body.length} bytes to ${file}.`)
      }),
    )
  addVerify(proof)
  addMove(proof)
}
