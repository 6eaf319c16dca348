import { describe, expect, it } from '@jest/globals'
import { anatomyOf, circles, drawnArrows, objection } from './rooms.ts'
import { read } from './source.ts'

function objectionTo(path: string, specifier: string): string | null {
  const source = read(path, `import { a } from '${specifier}'\n`)
  const [one] = source.imports
  if (!one) throw new Error('the example imports something')
  return objection(source, one)
}

describe('an import', () => {
  it.each([
    ['src/intake/judge.ts', '../payment/index.ts'],
    ['src/intake/judge.ts', './store.ts'],
    ['src/delivery/channels/api.ts', '../signature.ts'],
    ['src/ledger/post.ts', '../platform/money.ts'],
    ['src/ledger/store.ts', '../platform/database/index.ts'],
    ['src/ledger/routes.ts', '../platform/http/index.ts'],
    ['src/intake/banks/some_bank.ts', '../../platform/http/index.ts'],
    ['src/platform/http/answer.ts', '../database/index.ts'],
    ['src/compose.ts', './ledger/index.ts'],
    ['src/compose.ts', './intake/documentation.ts'],
    ['cli/commands/books.ts', '../../src/ledger/index.ts'],
    ['cli/commands/serve.ts', '../../src/compose.ts'],
    ['test/ledger/post.test.ts', '../../src/ledger/store.ts'],
  ])('of %s may be %s', (path, specifier) => {
    expect(objectionTo(path, specifier)).toBeNull()
  })

  it.each([
    ['src/ledger/post.ts', '../payment/index.ts', 'no arrow'],
    ['src/delivery/record.ts', '../payment/index.ts', 'no arrow'],
    ['src/payment/record.ts', '../intake/index.ts', 'no arrow'],
    ['src/payment/record.ts', '../compose.ts', 'no arrow'],
    ['src/platform/service.ts', '../event/index.ts', 'no arrow'],
    ['src/migrations/1-spine.ts', '../ledger/index.ts', 'no arrow'],
    ['src/compose.ts', '../cli/run.ts', 'no arrow'],
    ['scripts/bench/main.ts', '../../src/ledger/index.ts', 'no arrow'],
    ['src/payment/record.ts', '../ledger/store.ts', 'by its face'],
    ['src/compose.ts', './ledger/post.ts', 'by its face'],
    ['cli/giro.ts', '../src/ledger/post.ts', 'by its face'],
    ['src/ledger/store.ts', '../platform/database/gate.ts', 'by its face'],
    ['src/platform/http/answer.ts', '../database/failure.ts', 'by its face'],
    ['src/ledger/post.ts', '../platform/http/index.ts', 'speak HTTP'],
    ['src/intake/judge.ts', '../platform/http/index.ts', 'speak HTTP'],
    ['src/compose.ts', '../test/support/road.ts', 'needs a test'],
  ])('of %s may not be %s', (path, specifier, why) => {
    expect(objectionTo(path, specifier)).toContain(why)
  })
})

describe('a room', () => {
  it('is seen to lack its face and its schema, and to have things in the wrong place', () => {
    const sources = [
      read('src/event/store.ts', 'const a = sql`SELECT 1`\n'),
      read('src/event/append.ts', 'const a = sql`SELECT 1`\nconst b = table({})\n'),
    ]
    expect(anatomyOf('event', sources)).toEqual([
      'src/event has no face, index.ts',
      'src/event needs schema.ts and store.ts',
      'src/event/append.ts:2: this belongs into src/event/schema.ts',
      'src/event/append.ts:1: this belongs into src/event/store.ts',
    ])
  })
})

describe('circles', () => {
  const circle = (kind: string) => [
    read('src/a.ts', `import ${kind}{ b } from './b.ts'\n`),
    read('src/b.ts', "import { c } from './c.ts'\n"),
    read('src/c.ts', "import { a } from './a.ts'\n"),
  ]

  it('are found', () => {
    expect(circles(circle(''))).toEqual(['src/a.ts → src/b.ts → src/c.ts → src/a.ts'])
  })

  it('are none where only a type comes back', () => {
    expect(circles(circle('type '))).toEqual([])
  })
})

describe('the arrows of the map', () => {
  it('are read as they are drawn', () => {
    const map =
      '    intake   ──► proof payment\n    proof, party ──► event\n    ledger ──► platform only\n'
    expect(drawnArrows(map)).toEqual({
      intake: ['proof', 'payment'],
      proof: ['event'],
      party: ['event'],
      ledger: [],
    })
  })
})
