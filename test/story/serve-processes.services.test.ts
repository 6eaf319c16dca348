import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { everything, halfHttp, http } from '../support/http.ts'
import { inParallel } from '../support/parallel.ts'
import { answers } from '../support/port.ts'
import { until } from '../support/until.ts'

const processes = 2

/** Processes take a while to start where others are at work as well. */
const slowMs = 30_000

let giro: Giro

beforeAll(async () => {
  giro = await openGiro()
  const serving = await giro.serve()
  await registerSampleParties(serving.api)
  await serving.end()
}, 60_000)

const serve = () => giro.serve({}, '--processes', `${processes}`)

/** Sends notices on connections of their own, which come to the processes in turn. */
async function tellMany({ url }: Serving, count: number): Promise<number[]> {
  const all = await inParallel([...Array(count).keys()], 16, async () => {
    const body = notice({ amount: '1' })
    return tell(url, body, { connection: 'close' })
  })
  return all.map(({ status }) => status)
}

function pidsOf({ logs }: Serving): number[] {
  return [...new Set(logs().flatMap(({ pid }) => (typeof pid === 'number' ? [pid] : [])))]
}

const portOf = ({ url }: Serving) => Number(new URL(url).port)

/** All workers have logged something, each with its own pid. */
async function workersOf(serving: Serving): Promise<number[]> {
  await until(
    'every worker was asked',
    async () => {
      await tellMany(serving, 4)
      return pidsOf(serving).length >= processes
    },
    slowMs,
  )
  return pidsOf(serving)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('serve with several processes', () => {
  it('says once that it listens, and each of them answers', async () => {
    const serving = await serve()
    expect(await tellMany(serving, 60)).toEqual(Array(60).fill(201))
    const pids = await workersOf(serving)
    expect(pids).toHaveLength(processes)
    expect(pids).not.toContain(serving.pid)
    expect(serving.logs().filter(({ msg }) => msg === 'listening')).toHaveLength(1)
    expect(await serving.end()).toEqual({ code: 0, signal: null })
    expect(pids.filter(isRunning)).toEqual([])
    await expectBooksToBalance(giro)
  })

  it('answers /metrics with what all of them counted, and what is stored only once', async () => {
    const before = (await everything((await giro.serve()).api, '/payments')).length
    const serving = await serve()
    await tellMany(serving, 50)
    for (let i = 0; i < 2 * processes; i += 1) {
      const answer = await http(`${serving.url}/metrics`, { headers: { connection: 'close' } })
      const lines = `${answer.bytes}`.split('\n')
      const sampleOf = (name: string) => lines.find((line) => line.startsWith(name))?.split(' ')[1]
      expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
      expect(sampleOf('giro_notices_total{bank="africa_bank",outcome="accepted"}')).toBe('50')
      expect(sampleOf('giro_intake_seconds_count')).toBe('50')
      expect(sampleOf('giro_spool_proofs')).toBe(`${before + 50}`)
      expect(sampleOf('giro_database_units_repeated_total{reason="conflict"}')).toMatch(/^\d+$/)
    }
  })

  it('begins a worker anew when one dies, and goes on answering meanwhile', async () => {
    const serving = await serve()
    const [victim = 0, ...others] = await workersOf(serving)
    process.kill(victim, 'SIGKILL')
    const line = await serving.said('a worker ended and will be started again', slowMs)
    expect(line).toMatchObject({ pid: victim, signal: 'SIGKILL', pause_ms: expect.any(Number) })
    expect(new Set(await tellMany(serving, 20))).toEqual(new Set([201]))
    await until(
      'the new worker answers',
      async () => {
        await tellMany(serving, 4)
        return pidsOf(serving).length === processes + 1
      },
      slowMs,
    )
    expect(others.every(isRunning)).toBe(true)
    expect(await serving.end()).toEqual({ code: 0, signal: null })
  })
})

describe('serve with several processes, when it is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s to all, finishes what is in hand',
    async (signal) => {
      const serving = await serve()
      const pids = await workersOf(serving)
      const body = notice({ amount: '2' })
      const head = `POST /africa_bank HTTP/1.1\r\nHost: giro\r\nContent-Type: application/json\r\n`
      const rests = await Promise.all(
        pids.map(() =>
          halfHttp(serving.url, `${head}Content-Length: ${body.length}\r\n\r\n${body}`),
        ),
      )
      await tellMany(serving, processes)
      process.kill(-serving.pid, signal)
      await serving.said('stopping', slowMs)
      const ends = await Promise.all(rests.map((rest) => rest()))
      expect(ends.map((text) => text.split('\r\n')[0])).toEqual(
        Array(pids.length).fill('HTTP/1.1 201 Created'),
      )
      expect(await serving.exited).toEqual({ code: 0, signal: null })
      expect(pids.filter(isRunning)).toEqual([])
      await expectBooksToBalance(giro)
    },
  )

  it('by the death of the one that started them, leaves none behind', async () => {
    const serving = await serve()
    const pids = await workersOf(serving)
    await serving.end('SIGKILL')
    await until('no worker is left', () => !pids.some(isRunning), slowMs)
    expect(await answers(portOf(serving))).toBe(false)
  })
})

describe('serve with several processes that cannot start', () => {
  const failing = async (settings: Record<string, string>, count = `${processes}`) => {
    const program = giro.start(['serve', '--processes', count], settings)
    const { code } = await program.exited
    const said = program.lines.filter((line) => !line.startsWith('{'))
    return { code, said, again: program.logs().filter(({ msg }) => msg.includes('again')) }
  }

  it('says once why, and does not try again', async () => {
    const serving = await giro.serve()
    const port = portOf(serving)
    expect(await failing({ PORT: `${port}` })).toEqual({
      code: 1,
      said: [expect.stringMatching(new RegExp(`^Port ${port} on 127.0.0.1 is taken`))],
      again: [],
    })
    expect(await failing({ SECRET_KEY: '0'.repeat(64) })).toEqual({
      code: 1,
      said: [expect.stringMatching(/^SECRET_KEY is not the key of this database/)],
      again: [],
    })
  })

  it('refuses fewer connections than two for each', async () => {
    expect(await failing({ DATABASE_CONNECTIONS: '3' })).toEqual({
      code: 1,
      said: ['DATABASE_CONNECTIONS is 3, but 2 processes need 4.'],
      again: [],
    })
  })
})
