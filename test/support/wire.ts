import type { Place } from '../../src/platform/database/index.ts'

/** Follows one connection to a database server and understands which statements are run on it. */
export type Wire = {
  /** The texts of the statements that these bytes complete. */
  said(bytes: Buffer): string[]
  answered(bytes: Buffer): void
}

export function wireOf(place: Place): Wire {
  return place.dialect === 'postgres' ? postgresWire() : mariadbWire()
}

/** Parse gives a text a name, which Bind takes up; Query has its text itself. */
function postgresWire(): Wire {
  const texts = new Map<string, string>()
  let rest: Buffer = Buffer.alloc(0)
  let begun = false
  return {
    said(bytes) {
      const statements: string[] = []
      rest = Buffer.concat([rest, bytes])
      for (;;) {
        // The first message has no letter.
        const head = begun ? 1 : 0
        if (rest.length < head + 4) return statements
        const end = head + rest.readUInt32BE(head)
        if (rest.length < end) return statements
        const letter = begun ? rest.toString('latin1', 0, 1) : ''
        const [first = '', second = ''] = rest.toString('utf8', head + 4, end).split('\0')
        if (letter === 'P') texts.set(first, second)
        if (letter === 'B') statements.push(texts.get(second) ?? '')
        if (letter === 'Q') statements.push(first)
        begun = true
        rest = rest.subarray(end)
      }
    },
    answered() {},
  }
}

const command = { query: 3, prepare: 22, execute: 23 }

/** A statement is prepared first, and then known by the number in the server's answer. */
function mariadbWire(): Wire {
  const texts = new Map<number, string>()
  let rest: Buffer = Buffer.alloc(0)
  let preparing: string | null = null
  return {
    said(bytes) {
      const statements: string[] = []
      rest = Buffer.concat([rest, bytes])
      for (;;) {
        if (rest.length < 4) return statements
        const end = 4 + rest.readUIntLE(0, 3)
        if (rest.length < end) return statements
        // What goes on with an exchange that has begun is no command.
        const code = rest[3] === 0 ? rest[4] : 0
        const text = rest.toString('utf8', 5, end)
        if (code === command.query) statements.push(text)
        if (code === command.prepare) preparing = text
        if (code === command.execute) statements.push(texts.get(rest.readUInt32LE(5)) ?? '')
        rest = rest.subarray(end)
      }
    },
    answered(bytes) {
      if (preparing !== null && bytes[4] === 0) texts.set(bytes.readUInt32LE(5), preparing)
      preparing = null
    },
  }
}
