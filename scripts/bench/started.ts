import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const children = new Set<ChildProcess>()
const folders = new Set<string>()

/** A program that is being killed may still write into its folder. */
const wholly = { recursive: true, force: true, maxRetries: 10 }

const releases: (() => Promise<void>)[] = []

/** However the benchmark ends, nothing that it started or made outlives it. */
export function releaseAllAtExit(): void {
  process.on('exit', () => {
    killAll()
    for (const folder of folders) rmSync(folder, wholly)
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      killAll()
      void releaseAll().finally(() => process.exit(130))
    })
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL')
}

/** Has work done at the end, the last first, unless it is done before: the call does it now. */
export function atEnd(work: () => Promise<void>): () => Promise<void> {
  releases.unshift(work)
  return async () => {
    const at = releases.indexOf(work)
    if (at < 0) return
    releases.splice(at, 1)
    await work()
  }
}

export async function releaseAll(): Promise<void> {
  for (let work = releases.shift(); work; work = releases.shift())
    await work().catch((error) => console.error((error as Error).message))
}

export type Program = {
  pid: number
  /** The next message that the program sends; an error when it ends instead. */
  answer<T>(): Promise<T>
  tell(message: unknown): void
  stop(): Promise<void>
}

type Given = { args?: string[]; env?: Record<string, string> }

/** Starts a program of this benchmark, or of Giro's command line, as a process of its own. */
export function startProgram(file: string, { args = [], env = {} }: Given = {}): Program {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  children.add(child)
  const exited = once(child, 'exit').then(() => children.delete(child))

  return {
    pid: child.pid ?? 0,
    async answer<T>() {
      const ended = exited.then(() => {
        throw new Error(`${file} ended before it answered`)
      })
      const [message] = await Promise.race([once(child, 'message'), ended])
      return message as T
    },
    tell: (message) => child.send(message as object),
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Runs a program to its end; whether it was content. */
export async function runProgram(file: string, given: Given): Promise<boolean> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), given.args ?? [], {
    env: { ...process.env, ...given.env },
    stdio: 'ignore',
  })
  children.add(child)
  const [code] = await once(child, 'exit')
  children.delete(child)
  return code === 0
}

/** A folder that is gone when it is released, or at the end. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'giro-bench-'))
  folders.add(path)
  const release = () => {
    rmSync(path, wholly)
    folders.delete(path)
  }
  return { path, release }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
