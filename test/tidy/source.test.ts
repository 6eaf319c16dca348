import { describe, expect, it } from '@jest/globals'
import { read } from './source.ts'

const text = `#!/usr/bin/env node
// Über die Straße: import { x } from './no.ts'
import { a, type B, c as d } from './b.ts'
import type { T } from './t.ts'
import * as store from './store.ts'
export { e } from '../e/index.ts'
export const f = async () => {
  const { g } = await import('./g.ts')
  return /\\/\\* no comment/.test(\`\${g} // nor here\`)
}
export type Not = string
class K {
  method() {
    return 1
  }
}
describe('a story', () => {
  it('ends', () => {})
  it.each([1])('ends %d times', () => {})
})
`

describe('a source file, taken apart', () => {
  const source = read('src/room/file.ts', text)

  it('has its imports, with what they take and when', () => {
    const early = { typeOnly: false, late: false }
    expect(source.imports).toEqual([
      { to: 'src/room/b.ts', line: 3, names: ['a', 'B', 'c'], ...early },
      { to: 'src/room/t.ts', line: 4, names: ['T'], typeOnly: true, late: false },
      { to: 'src/room/store.ts', line: 5, names: ['*'], ...early },
      { to: 'src/e/index.ts', line: 6, names: ['e'], ...early },
      { to: 'src/room/g.ts', line: 8, names: ['*'], typeOnly: false, late: true },
    ])
  })

  it('has its exports, but not its types', () => {
    expect(source.exports).toEqual([
      { name: 'e', line: 6 },
      { name: 'f', line: 7 },
    ])
  })

  it('has its functions with their lines; a story is none', () => {
    const long = source.functions.filter(({ length }) => length > 1)
    expect(long).toEqual([
      { line: 7, length: 4 },
      { line: 13, length: 3 },
    ])
  })

  it('has its tests under the titles around them', () => {
    expect(source.tests.map(({ line, title }) => [line, title])).toEqual([
      [18, 'a story › ends'],
      [19, 'a story › ends %d times'],
    ])
  })

  it('has its comments, and its code without them and without texts, line by line', () => {
    const [comment] = source.comments
    expect(source.comments).toHaveLength(1)
    expect(comment).toEqual({ line: 2, text: "// Über die Straße: import { x } from './no.ts'" })
    expect(source.code).toHaveLength(source.lines.length)
    expect(source.code.join('\n')).not.toMatch(/Straße|no comment|nor here|a story/)
    expect(source.code[8]).toMatch(/return +\.test\(`\$\{g\} +`\)/)
  })
})
