import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { createDatabase, type Giro } from '../src/compose.ts'
import { hasSamplePartner } from '../src/party/index.ts'
import { type Environment, loadSettings, pathOf, settings } from '../src/platform/config/index.ts'
import { makeFolder } from '../src/platform/folder.ts'
import { type Service, service } from '../src/platform/service.ts'
import { withGiro } from './giro.ts'
import { AlreadySaid } from './report.ts'
import { runningLog, runUntilStopped } from './run.ts'
import { createSampleData, isEmpty } from './sample-data.ts'

/**
 * Sets up what is missing, then runs the API, the payment processor and, where the
 * sample data is, the sample partner.
 */
export async function start(environment: Environment): Promise<void> {
  const { dataDir } = loadSettings(settings, environment)
  makeFolder(pathOf(dataDir), 'DATA_DIR')
  const created = await createDatabase(environment)
  if (created.length > 0) step('database created')
  await withGiro((giro) => startAll(giro, dataDir), runningLog())
}

async function startAll(giro: Giro, dataDir: string): Promise<void> {
  if ((await isEmpty(giro)) || hasSamplePartner(pathOf(dataDir))) {
    const made = await createSampleData(giro)
    if (made.length > 0) step(`sample data created: ${made.join(', ')}`)
  }

  const api = giro.api()
  const partners = hasSamplePartner(pathOf(dataDir)) ? [samplePartnerProcess()] : []
  await runUntilStopped([...partners, giro.daemon(), api], giro.log, () =>
    welcome(api.url(), pathOf(dataDir)),
  )
}

/** A process of its own, as a real partner would be; its lines appear among ours. */
function samplePartnerProcess(): Service {
  let child: ChildProcess | undefined
  const { start, stop } = service({
    async start() {
      const manage = fileURLToPath(new URL('manage.ts', import.meta.url))
      child = fork(manage, ['sample-partner'], { stdio: 'inherit' })
      const exited = once(child, 'exit').then(() => {
        throw new AlreadySaid('the sample partner has said why it stopped')
      })
      await Promise.race([once(child, 'message'), exited])
      exited.catch(() => {})
    },
    async stop() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  })
  return { start, stop }
}

function step(sentence: string): void {
  console.error(`${styleText('green', '✓', { stream: process.stderr })} ${sentence}`)
}

function welcome(url: string, dataDir: string): void {
  console.log(`
Giro listens on ${url}
Its data is in  ${dataDir}
Ctrl-C stops it. A first payment, from another terminal:

curl -H "Content-type: application/json" -X POST ${url}/africa_bank \\
  -d '{"reference_number":"payer1", "account_number":"partner1", "amount": "55", "currency": "USD"}'
`)
}
