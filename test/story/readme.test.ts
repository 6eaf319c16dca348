import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '../support/folder.ts'
import { freePort } from '../support/port.ts'
import { repository, runManage, startProgram } from '../support/program.ts'
import { until } from '../support/until.ts'

type Block = { mark: string; text: string }

/** Commands in blocks without the mark `test`, and why no test runs them. */
const notRun: Record<string, string> = {
  'npm test': 'it would run itself',
  'npm run test:services': 'it runs apart, with servers that it may have to install',
  'export DATABASE_URL=postgres://giro:PASSWORD@db.example:5432/giro': 'a server of one’s own',
  'export SECRET_KEY=$(openssl rand -hex 32)': 'it belongs to that server',
  'manage create-db': 'it belongs to that server; it has tests of its own there',
  'manage serve': 'it belongs to that server; it has tests of its own there',
  'manage run-payment-processor': 'it belongs to that server; it has tests of its own there',
  'export PROOF_STORE="s3://giro-proofs/live?region=eu-central-1&lock_days=3650"': 'a bucket',
  'export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…': 'they belong to that bucket',
  'curl -N -H "Authorization: Bearer $KEY" http://127.0.0.1:5000/api/v1/events/stream':
    'it does not end by itself; the stream has tests of its own',
  'openssl genrsa -out dkim.pem 2048': 'it would leave a key among the sources',
  'openssl rsa -in dkim.pem -pubout -outform DER | base64 -w0': 'it belongs to that key',
  'npm run test:crash': 'it takes long, and a short one is among the tests',
  'npm run check': 'it runs beside the tests, and the tests within it',
  'npm run format': 'it changes the code',
  'manage backup giro.backup': 'it would leave a file among the sources',
  'manage restore giro.backup': 'it refuses to write over the database that is there',
  'manage copy-to postgres://giro:PASSWORD@db.example/giro': 'it needs a server',
  'manage proof move --to "s3://giro-proofs/live?region=eu-central-1"': 'it needs a bucket',
  'npm run bench': 'it takes minutes and wants a quiet machine',
  'npm run typeorm -- migration:show -d ormconfig.ts': 'the migrations have tests of their own',
}

describe('the README', () => {
  it('names every command that no test runs', () => {
    const lines = blocks()
      .filter(({ mark }) => mark === '')
      .flatMap(({ text }) => text.trim().split('\n'))
    const commands = lines.map((line) => line.split('#')[0]?.trim())
    expect(commands.toSorted()).toEqual(Object.keys(notRun).toSorted())
  })

  it('takes a newcomer to a delivered payment with the commands it shows', async () => {
    const settings = {
      DATA_DIR: join(temporaryFolder(), 'data'),
      PORT: `${await freePort()}`,
      SAMPLE_PARTNER_PORT: `${await freePort()}`,
    }
    const shell = (text: string) => {
      const here = text
        .replaceAll(':5000', `:${settings.PORT}`)
        .replaceAll(':5001', `:${settings.SAMPLE_PARTNER_PORT}`)
      const script = `set -euo pipefail; export PATH="$PWD/scripts:$PATH"; ${here}`
      return startProgram('bash', ['-c', script], settings)
    }

    const [first, ...others] = blocks().filter(({ mark }) => mark !== '')
    expect(first?.mark).toBe('background')
    const running = shell(first?.text ?? '')
    await until(
      () => `Giro ready, but it said:\n${running.lines.join('\n')}`,
      () => isReady(settings.PORT),
    )
    for (const { text } of others) {
      const program = shell(text)
      const { code } = await program.exited
      expect({ text, code, lines: program.lines }).toMatchObject({ code: 0 })
    }

    const told = async () => {
      const { stdout } = await runManage(['payment', 'list', '--json'], settings)
      return JSON.parse(stdout)[0]?.status === 'notified'
    }
    await until('the partner has heard', told)
    expect((await running.end('SIGINT')).code).toBe(0)
  }, 60_000)
})

/** The shell blocks: `sh` alone, `sh test`, or `sh test background` for what runs on. */
function blocks(): Block[] {
  const readme = readFileSync(`${repository}README.md`, 'utf8')
  return [...readme.matchAll(/^```sh *(test)? *(background)?\n(.*?)^```/gms)].map(
    ([, test = '', background, text = '']) => ({ mark: background ?? test, text }),
  )
}

async function isReady(port: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
}
