import type { Command } from 'commander'
import { hex, loadSettings, setting } from '../../src/platform/config/index.ts'
import { UserError } from '../../src/platform/problem.ts'
import { printOne, say } from '../print.ts'

export default function add(program: Command): void {
  const secretKey = program
    .command('secret-key')
    .description('the key that encrypts what is secret in the database')

  secretKey
    .command('rotate')
    .description('encrypt every secret with another key, given in NEW_SECRET_KEY')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
NEW_SECRET_KEY is 64 hex digits, as openssl rand -hex 32 prints them; SECRET_KEY, or secret.key in
DATA_DIR, is still the old key. Where Giro keeps the key in DATA_DIR, that file is replaced.

Processes that run on go on taking notices, but tell no partner until they are started again: stop
them before, or start them again soon. Backups made before need the old key. It may be repeated
after an interruption, with the same NEW_SECRET_KEY.`,
    )
    .action(async (options) => {
      const { newKey } = loadSettings({ newKey: newKeySetting }, process.env)
      if (newKey === null) throw new UserError('Set NEW_SECRET_KEY to 32 bytes as hex.')
      const { rotateSecretKey } = await import('../../src/compose.ts')
      const { state, sealed, file } = await rotateSecretKey(process.env, newKey)
      const todo = file
        ? 'secret.key in DATA_DIR holds the new key: start every process again.'
        : 'Set SECRET_KEY to what NEW_SECRET_KEY is, and start every process again.'
      if (options.json) return printOne({ state, sealed, todo }, options)
      say(
        state === 'same' ? 'All is under the new key already.' : `Rows encrypted anew: ${sealed}.`,
      )
      say(todo)
    })
}

const newKeySetting = setting({
  env: 'NEW_SECRET_KEY',
  parse: hex(32),
  help: 'the key to encrypt with from now on',
})
