import type { Giro, Serving } from '../support/giro.ts'
import type { Operator } from '../support/http.ts'
import type { Program } from '../support/program.ts'
import type { Door } from './banks.ts'

/** A program that is killed and started again for as long as the campaign goes on. */
export type Part = {
  command: 'serve' | 'run-payment-processor'
  /** All that ran, the dead ones too. */
  programs: Program[]
  start(): Promise<void>
  kill(): Promise<void>
}

/** One that keeps its address. */
export function servePart(giro: Giro, port: number): Part & Door & { api(): Operator } {
  const programs: Serving[] = []
  let open = false
  return {
    command: 'serve',
    url: `http://127.0.0.1:${port}`,
    programs,
    isOpen: () => open,
    api: () => (programs.at(-1) as Serving).api,
    async start() {
      programs.push(await giro.serve({ PORT: `${port}` }))
      open = true
    },
    async kill() {
      open = false
      await programs.at(-1)?.end('SIGKILL')
    },
  }
}

export function processorPart(giro: Giro): Part {
  const programs: Program[] = []
  return {
    command: 'run-payment-processor',
    programs,
    async start() {
      programs.push(await giro.processor())
    },
    async kill() {
      await programs.at(-1)?.end('SIGKILL')
    },
  }
}
