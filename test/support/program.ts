import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { atEnd } from './at-end.ts'
import { until } from './until.ts'

export const repository = fileURLToPath(new URL('../../', import.meta.url))
const manageFile = fileURLToPath(new URL('../../cli/manage.ts', import.meta.url))

/** Whether a machine judges, where nothing that can be installed may be missing. */
export const onCi = process.env.CI === 'true'

/** The file of a program, where the machine has it: in its path, or where Go and others lie. */
export function installed(program: string): string | undefined {
  const folders = [...`${process.env.PATH}`.split(':'), '/usr/local/go/bin', '/usr/lib/go/bin']
  return folders.map((folder) => `${folder}/${program}`).find((file) => existsSync(file))
}

/** Settings of Giro as environment variables. */
export type Settings = Record<string, string>

/** A line of a program's log; what is not JSON has only `msg`. */
export type LogLine = { msg: string; [member: string]: unknown }

export type Exit = { code: number | null; signal: NodeJS.Signals | null }

/** A program that runs for long, in a process of its own. */
export type Program = {
  pid: number
  /** Standard output and standard error, line by line, in the order in which they came. */
  lines: string[]
  logs(): LogLine[]
  /** The first line of the log with this message, as soon as it is there. */
  said(msg: string, limitMs?: number): Promise<LogLine>
  exited: Promise<Exit>
  /** Sends the signal and waits for the end. Safe to repeat. */
  end(signal?: NodeJS.Signals): Promise<Exit>
}

/** Where scripts/manage keeps what Node has compiled: programs start as operators start them. */
const NODE_COMPILE_CACHE = `${repository}.runtime/compile-cache`

/** Nothing of the caller's own settings gets through. */
function environment(settings: Settings): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  return { PATH, HOME, NODE_COMPILE_CACHE, ...settings }
}

/** Starts `manage …` with the Node that runs the tests. */
export function startManage(args: string[], settings: Settings): Program {
  return startProgram(process.execPath, [manageFile, ...args], settings)
}

/** Starts a program in a process group of its own; it is killed when the test file ends. */
export function startProgram(command: string, args: string[], settings: Settings): Program {
  const child = spawn(command, args, {
    env: environment(settings),
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} could not be started`)
  const exited = exitOf(child)
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line))
  const isRunning = () => child.exitCode === null && child.signalCode === null
  atEnd(() => endGroup(pid, exited))

  const lacking = (what: string) => () => `a line ${what} in:\n${lines.join('\n')}`
  const logs = () => lines.map(logLine)
  const said = (msg: string, limitMs?: number) => {
    const look = () => {
      const found = logs().find((line) => line.msg === msg)
      if (!found && !isRunning()) throw new Error(`it ended:\n${lines.join('\n')}`)
      return found
    }
    return until(lacking(`"${msg}"`), look, limitMs)
  }
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (isRunning()) child.kill(signal)
    return exited
  }
  return { pid, lines, logs, said, exited, end }
}

/** Runs `manage …` to its end. */
export async function runManage(args: string[], settings: Settings) {
  return run(process.execPath, [manageFile, ...args], settings)
}

/** Runs a program to its end, from the repository's root. */
export async function run(command: string, args: string[], settings: Settings) {
  const child = spawn(command, args, {
    env: environment(settings),
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const { code } = await exitOf(child)
  const bytes = Buffer.concat(stdout)
  return { code, bytes, stdout: bytes.toString(), stderr: Buffer.concat(stderr).toString() }
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  const [code, signal] = await once(child, 'close')
  return { code, signal }
}

/** A program that already ended has no group any more, which is as good. */
async function endGroup(pid: number, exited: Promise<Exit>): Promise<void> {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
  await exited
}

function logLine(line: string): LogLine {
  try {
    const parsed: unknown = JSON.parse(line)
    if (typeof parsed === 'object' && parsed !== null && 'msg' in parsed) return parsed as LogLine
  } catch {
    // Not every line of a program is a line of its log.
  }
  return { msg: line }
}
