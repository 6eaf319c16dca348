import type { Command } from 'commander'
import { books } from '../../src/ledger/index.ts'
import { formatAmount } from '../../src/platform/money.ts'
import { withGiro } from '../giro.ts'
import { printList, printOne, say } from '../print.ts'

export default function add(program: Command): void {
  program
    .command('books')
    .description('prove the books: sums are zero, balances are those of the transfers')
    .option('--json', 'print JSON')
    .action((options) =>
      withGiro(async ({ database }) => {
        const found = await database.read(books)
        const shown = {
          balanced: found.balanced,
          accounts: found.accounts,
          transfers: found.transfers,
          sums: found.sums.map(({ currency, sum }) => ({
            currency,
            sum: formatAmount({ amount: sum, currency }),
          })),
          wrong: found.wrong.map(({ account, currency, stored, counted }) => ({
            account,
            stored: formatAmount({ amount: stored, currency }),
            counted: formatAmount({ amount: counted, currency }),
          })),
        }
        if (options.json) printOne(shown, options)
        else {
          printList(shown.sums, ['currency', 'sum'], options)
          printList(shown.wrong, ['account', 'stored', 'counted'], options)
          const size = `${found.accounts} accounts, ${found.transfers} transfers`
          say(found.balanced ? `The books balance: ${size}.` : `The books do NOT balance: ${size}.`)
        }
        if (!found.balanced) process.exitCode = 1
      }),
    )
}
