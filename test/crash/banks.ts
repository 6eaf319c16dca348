import { atEnd } from '../support/at-end.ts'
import { notice, tell, withKey } from '../support/bank.ts'
import { type Chance, seeded } from '../support/seeded.ts'
import { until } from '../support/until.ts'

/** A notice as the bank remembers it. */
export type Told = {
  body: string
  account: string
  cents: number
  /** With a key it is sent until it is answered; without one only once. */
  key: string | null
  /** The payment that was acknowledged, and its bytes; null when no 201 came. */
  acknowledged: { payment: { id: string; proof_key: string }; bytes: Buffer } | null
}

/** Where notices are taken; while no door is thought to be open, nobody tries again. */
export type Door = { url: string; isOpen(): boolean }

export type Banks = {
  told: Told[]
  /** Answers that no bank should ever get. */
  surprises: string[]
  acknowledged(): number
  /** Lets the banks send so many more. */
  allow(more: number): void
  /** No new notices; resolves when every notice with a key is acknowledged. */
  finish(): Promise<void>
}

/** A bank that was asked to come again does not do so at once. */
const pauseMs = 50

/** While the campaign waits for programs to start, banks wait with it. */
const waitLimitMs = 180_000

/**
 * Banks that send notices at once, each at any of the doors, try again what they may try again, at
 * another door perhaps, and keep their own lists.
 */
export function openBanks(doors: Door[], accounts: [string, ...string[]], seed: number): Banks {
  const told: Told[] = []
  const surprises: string[] = []
  let allowed = 0
  let isOver = false
  let isAbandoned = false

  async function work(chance: Chance): Promise<void> {
    for (;;) {
      await until('the bank may send another', () => isOver || told.length < allowed, waitLimitMs)
      if (isOver) return
      const one = newNotice(chance)
      told.push(one)
      await tellIt(one, chance)
      if (one.key !== null && chance.happens(0.2)) await tellIt(one, chance)
    }
  }

  function newNotice(chance: Chance): Told {
    const serial = told.length
    const account = chance.oneOf(accounts)
    const cents = chance.between(1, 9_999_999)
    const body = notice({ account_number: account, amount: `${cents}e-2`, serial })
    return { body, account, cents, key: keyOf(serial, chance), acknowledged: null }
  }

  async function tellIt(one: Told, chance: Chance): Promise<void> {
    for (;;) {
      const { url } = chance.oneOf(doors as [Door, ...Door[]])
      const answer = await tell(url, one.body, one.key === null ? {} : withKey(one.key)).catch(
        () => null,
      )
      if (answer?.status === 201) return acknowledge(one, answer.bytes)
      if (answer && answer.status !== 503) surprises.push(`${answer.status} ${answer.bytes}`)
      // Perhaps kept, perhaps not. Only under a key may it be sent again.
      if (one.key === null) return
      const again = performance.now() + pauseMs
      const mayTry = () => performance.now() >= again && doors.some(({ isOpen }) => isOpen())
      await until('Giro listens again', () => isAbandoned || mayTry(), waitLimitMs)
      if (isAbandoned) return
    }
  }

  function acknowledge(one: Told, bytes: Buffer): void {
    if (one.acknowledged && !one.acknowledged.bytes.equals(bytes))
      surprises.push(`another answer to the same key: ${one.acknowledged.bytes} and ${bytes}`)
    one.acknowledged ??= { payment: JSON.parse(bytes.toString()), bytes }
  }

  const workers = [1, 2, 3, 4, 5, 6].map((i) => work(seeded(seed + i)))
  // Where the campaign itself fails, nobody asks for them.
  for (const worker of workers) worker.catch(() => {})
  atEnd(() => {
    isOver = true
    isAbandoned = true
  })
  return {
    told,
    surprises,
    acknowledged: () => told.filter((one) => one.acknowledged !== null).length,
    allow: (more) => {
      allowed = told.length + more
    },
    async finish() {
      isOver = true
      await Promise.all(workers)
    },
  }
}

function keyOf(serial: number, chance: Chance): string | null {
  return chance.happens(0.7) ? `key-${serial}` : null
}
