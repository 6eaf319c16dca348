import type { Worker } from 'node:cluster'
import { type Measured, printSums } from '../src/platform/metric.ts'

/** What a worker says to the primary. */
export type WorkerSays =
  | { say: 'listening'; url: string }
  | { say: 'metrics wanted'; id: number }
  | { say: 'measured'; id: number; measured: Measured | null }

/** What the primary says to a worker. */
type PrimarySays = { say: 'metrics'; id: number; text: string } | { say: 'measure'; id: number }

/** A worker that does not answer in time is left out, so that the others can be seen. */
const answerMs = 2000

export function tellPrimary(message: WorkerSays): void {
  if (process.connected) process.send?.(message, undefined, undefined, unheard)
}

export function tellWorker(worker: Worker, message: PrimarySays): void {
  if (worker.isConnected()) worker.send(message, unheard)
}

/** Whoever has just ended hears nothing, and nobody minds. */
function unheard(): void {}

let asked = 0

/** In a worker: the metrics of all workers in one text, which only the primary can gather. */
export function metricsOfAll(): Promise<string> {
  asked += 1
  const id = asked
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const hear = (message: PrimarySays) => {
    if (message.say === 'metrics' && message.id === id) resolve(message.text)
  }
  const late = setTimeout(() => reject(new Error('the primary does not answer')), 2 * answerMs)
  process.on('message', hear)
  tellPrimary({ say: 'metrics wanted', id })
  return promise.finally(() => {
    clearTimeout(late)
    process.off('message', hear)
  })
}

/** In a worker: says what it has measured whenever the primary asks. */
export function answerMeasures(measure: () => Promise<Measured>): void {
  process.on('message', async (message: PrimarySays) => {
    if (message.say !== 'measure') return
    const { id } = message
    tellPrimary({ say: 'measured', id, measured: await measure().catch(() => null) })
  })
}

/** In the primary: asks all workers what they have measured, and adds it up. */
export async function gatherMetrics(workers: Worker[]): Promise<string> {
  asked += 1
  const id = asked
  const answers = await Promise.all(workers.map((worker) => measuredBy(worker, id)))
  return printSums(answers.filter((one) => one !== null))
}

function measuredBy(worker: Worker, id: number): Promise<Measured | null> {
  const { promise, resolve } = Promise.withResolvers<Measured | null>()
  const hear = (message: WorkerSays) => {
    if (message.say === 'measured' && message.id === id) resolve(message.measured)
  }
  const gone = () => resolve(null)
  const late = setTimeout(gone, answerMs)
  worker.on('message', hear).once('exit', gone)
  tellWorker(worker, { say: 'measure', id })
  return promise.finally(() => {
    clearTimeout(late)
    worker.off('message', hear).off('exit', gone)
  })
}
