import { Command } from 'commander'
import { UserError } from '../src/platform/problem.ts'
import { report } from './report.ts'

/** Each command is a file that adds itself; what it needs is loaded when it runs. */
const commands = [
  'start',
  'create-db',
  'create-sample-data',
  'db',
  'serve',
  'run-payment-processor',
  'sample-partner',
  'bank',
  'partner',
  'payer',
  'route',
  'key',
  'secret-key',
  'payment',
  'proof',
  'delivery',
  'redelivery',
  'books',
  'backup',
  'restore',
  'prune',
  'copy-to',
  'config',
]

const program = new Command('manage')
  .description(
    `Giro takes in payment notices from banks, keeps each as proof, books the money and tells the
partner.`,
  )
  .configureOutput({ outputError: (text, write) => write(`${oneSentence(text)}\n`) })
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
First steps:
  manage start                 set everything up and run it, with sample data
  manage payment list          what came in
  manage payment watch         what comes in, as it happens
  manage books                 prove that the books balance

Settings come from the environment; manage config shows them all.`,
  )

for (const name of commands) {
  const { default: add } = (await import(`./commands/${name}.ts`)) as {
    default: (program: Command) => void
  }
  add(program)
}

// Who reads may stop reading, as `head` does; whoever cannot take it all is told.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') report(new UserError(`The output was not taken (${error.code}).`))
  process.exit()
})

program.parseAsync().catch(report)

/** Commander begins with "error:", and puts what it suggests on a line of its own. */
function oneSentence(text: string): string {
  const said = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n/g, ' ')
  return `${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.$/, '')}; see --help.`
}
