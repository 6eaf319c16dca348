import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { sleep } from '../src/platform/clock.ts'
import type { Log } from '../src/platform/log.ts'
import { type Service, service } from '../src/platform/service.ts'
import { gatherMetrics, tellWorker, type WorkerSays } from './cluster-messages.ts'
import { AlreadySaid } from './report.ts'

type Options = {
  /** The database connections of each worker. */
  shares: number[]
  log: Log
}

type Running = {
  worker: Worker
  since: number
  /** Resolves with where it listens; rejects when it ends before, having said why. */
  listening: Promise<string>
  ended: Promise<End>
}

type End = { code: number | null; signal: NodeJS.Signals | null }

/** How long it is waited before a worker that ended is started again. */
const pause = { leastMs: 200, mostMs: 30_000 }

/** A worker that ran for so long did not end because of how it was started. */
const steadyMs = 60_000

/**
 * The workers that serve. They start before `start` resolves: one first, so that what hinders all
 * is said once. From then on each that ends is started again; `stop` lets all finish their work.
 */
export function createWorkers({ shares, log }: Options): Service & { url(): string } {
  const running = new Set<Running>()
  const stopping = new AbortController()
  let url = ''

  function begin(share: number): Running {
    const worker = cluster.fork({ DATABASE_CONNECTIONS: `${share}` })
    const ended = once(worker, 'exit').then(([code, signal]): End => ({ code, signal }))
    const one = { worker, since: performance.now(), listening: listeningOf(worker, ended), ended }
    running.add(one)
    void ended.then(() => running.delete(one))
    worker.on('error', (error) => log.warn({ err: error }, 'a worker could not be told something'))
    worker.on('message', async (message: WorkerSays) => {
      if (message.say !== 'metrics wanted') return
      const all = [...running].map((other) => other.worker)
      tellWorker(worker, { say: 'metrics', id: message.id, text: await gatherMetrics(all) })
    })
    return one
  }

  /** Keeps one worker running: the next begins after a pause, which grows while they end soon. */
  async function keep(first: Running, share: number) {
    let pauseMs = pause.leastMs
    for (let one = first; ; one = begin(share)) {
      const end = await one.ended
      if (stopping.signal.aborted) return
      if (performance.now() - one.since > steadyMs) pauseMs = pause.leastMs
      const { pid } = one.worker.process
      log.error({ pid, ...end, pause_ms: pauseMs }, 'a worker ended and will be started again')
      await sleep(pauseMs, stopping.signal)
      if (stopping.signal.aborted) return
      pauseMs = Math.min(2 * pauseMs, pause.mostMs)
    }
  }

  const { start, stop } = service({
    async start() {
      const [share, ...others] = shares
      if (share === undefined) return
      const first = begin(share)
      url = await first.listening
      const all = [first, ...others.map(begin)]
      await Promise.all(all.map((one) => one.listening))
      for (const [i, one] of all.entries()) void keep(one, shares[i] ?? share)
    },
    async stop() {
      stopping.abort()
      const ends = [...running].map(({ worker, ended }) => {
        worker.process.kill('SIGTERM')
        return ended
      })
      const failed = (await Promise.all(ends)).some(({ code }) => code !== null && code !== 0)
      if (failed) throw new AlreadySaid('a worker has said why it failed')
    },
  })
  return { start, stop, url: () => url }
}

function listeningOf(worker: Worker, ended: Promise<End>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  // Whoever waits hears of it; of a later worker nobody waits.
  promise.catch(() => {})
  worker.on('message', (message: WorkerSays) => {
    if (message.say === 'listening') resolve(message.url)
  })
  void ended.then(() => reject(new AlreadySaid('the worker has said why it ended')))
  return promise
}
