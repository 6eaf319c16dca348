import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from '@swc/core'
import { repository } from './support/program.ts'

type File = { path: string; lines: string[] }

const files: File[] = globSync('{src,cli,scripts,test}/**/*.{ts,js}', { cwd: repository })
  .concat('ormconfig.ts')
  .toSorted()
  .map((path) => ({ path, lines: readFileSync(join(repository, path), 'utf8').split('\n') }))

/** What must not be written, where it may all the same, and what to write instead. */
type Ban = { what: RegExp; use: string; within?: RegExp; except?: RegExp }

const code = /^(src|cli|ormconfig)/
const tests = /^test\//

/** What stands for a clock, a slow partner or a slow bank. */
const mayWait = /^test\/(support\/(until|turns|partner|http)|crash\/partners|platform\/database)/

const bans: Ban[] = [
  { what: /\bprocess\.env\b/, use: 'the settings that are passed in', within: /^src/ },
  { what: /\bnew Date\b|\bDate\./, use: 'a clock', within: code, except: /platform\/clock\.ts$/ },
  { what: /\bMath\.random\b/, use: 'a Random', within: code, except: /platform\/random\.ts$/ },
  { what: /\bconsole\./, use: 'the log', within: /^src/ },
  {
    what: /\bparseFloat\b|\bNumber\(|\.toFixed\b|\bMath\.round\b/,
    use: 'bigint',
    within: /^src\/(ledger|payment|platform\/currency)/,
  },
  {
    what: /\bparseFloat\b|\.toFixed\b/,
    use: 'bigint; only the exponent of an amount is a number',
    within: /^src\/platform\/money/,
  },
  {
    what: /\bcreateQueryRunner\b|\bnew DataSource\b|\.manager\b|getRepository/,
    use: 'the database’s gate',
    within: code,
    except: /^src\/platform\/database\//,
  },
  { what: /\.(save|remove)\(/, use: 'insert and run', within: /^src/ },
  { what: /synchronize: *true/, use: 'a migration' },
  { what: /@ts-(ignore|nocheck|expect-error)/, use: 'a type that is true' },
  { what: /\b(FIXME|TODO)\b/, use: 'an issue' },
  {
    what: /\b(it|test|describe)\.(only|skip|todo|failing)\b|\bx(it|describe)\b/,
    use: 'a test that runs',
  },
  {
    what: /\bsetTimeout\(|timers\/promises'/,
    use: 'until()',
    within: tests,
    except: mayWait,
  },
  {
    what: /^\s*\/\/.*[;{}]$|^\s*\/\/ *(const|let|return|import|if \()/,
    use: 'no code in comments',
  },
  { what: /from '(\.\.\/){3,}(?!(src|cli|test)\/)/, use: 'a shorter way' },
]

const here = 'test/tidy.test.ts'

describe('the code', () => {
  it.each(bans)('does without $what', ({ what, use, within, except }) => {
    const found = files
      .filter(({ path }) => path !== here && (within?.test(path) ?? true) && !except?.test(path))
      .flatMap(({ path, lines }) =>
        lines.flatMap((line, i) => {
          const match = what.exec(line)
          return match ? [`${path}:${i + 1}: ${match[0].trim()} is banned, use ${use}`] : []
        }),
      )
    expect(found).toEqual([])
  })

  it('has lines of at most 100 characters and files of at most 400 lines', () => {
    const found = files.flatMap(({ path, lines }) => [
      ...(lines.length > 401 ? [`${path}: ${lines.length} lines`] : []),
      ...lines.flatMap((line, i) =>
        [...line].length > 100 && !/https?:\/\/|`|^ *(it|\]\))/.test(line)
          ? [`${path}:${i + 1}: too long`]
          : [],
      ),
    ])
    expect(found).toEqual([])
  })

  it('has functions of at most 70 lines', async () => {
    const found: string[] = []
    for (const { path, lines } of files.filter(({ path }) => path.endsWith('.ts'))) {
      const text = lines.join('\n')
      for (const { name, count } of await functionLengths(text))
        if (count > 70 && !isTable(path)) found.push(`${path}: ${name} has ${count} lines`)
    }
    expect(found).toEqual([])
  })

  it('has names in kebab-case; a bank’s file has the name of its door', () => {
    const odd = files
      .map(({ path }) => path)
      .filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|suite))?\.(ts|js)$/.test(basename(path)))
    expect(odd).toEqual(globSync('src/intake/banks/*_*.ts', { cwd: repository }).toSorted())
  })

  it('has no file that nobody imports', () => {
    const imported = new Set(files.flatMap((file) => importsOf(file).map(({ to }) => to)))
    const entries =
      /\.test\.ts$|^cli\/manage\.ts$|^cli\/commands\/|^scripts\/|intake\/banks\/|^ormconfig\.ts$/
    const lonely = files.map(({ path }) => path).filter((path) => !imported.has(path))
    expect(lonely.filter((path) => !entries.test(path))).toEqual([])
  })

  it('has no two tests of one name in a file', () => {
    const twice = files
      .filter(({ path }) => tests.test(path))
      .flatMap(({ path, lines }) => {
        let story = ''
        const names = lines.flatMap((line) => {
          story = /^ *describe\('(.+?)',/.exec(line)?.[1] ?? story
          const name = /^ *it\('(.+?)',/.exec(line)?.[1]
          return name === undefined ? [] : [`${story} ${name}`]
        })
        return names
          .filter((name, i) => names.indexOf(name) !== i)
          .map((name) => `${path}: ${name}`)
      })
    expect(twice).toEqual([])
  })
})

/** Who may know whom; `platform` is open to all, and all of a room's own files to itself. */
const arrows: Record<string, string[]> = {
  intake: ['proof', 'payment', 'party', 'event'],
  payment: ['proof', 'party', 'ledger', 'delivery', 'event'],
  delivery: ['party', 'event'],
  proof: ['event'],
  party: ['event'],
  access: ['event'],
  ledger: [],
  event: [],
  migrations: [],
  platform: [],
}

describe('the rooms', () => {
  const inside = files.filter(({ path }) => path.startsWith('src/'))

  it('are those of the table of arrows', () => {
    const rooms = new Set(inside.flatMap(({ path }) => roomOf(path) ?? []))
    expect([...rooms].toSorted()).toEqual(Object.keys(arrows).toSorted())
  })

  it('know only the rooms that their arrows lead to', () => {
    const wrong = inside.flatMap((file) => {
      const room = roomOf(file.path)
      if (room === null) return []
      const allowed = [room, 'platform', ...(arrows[room] ?? [])]
      return importsOf(file)
        .filter(({ to }) => to.startsWith('src/') && !allowed.includes(roomOf(to) ?? 'compose'))
        .map(({ to, line }) => `${file.path}:${line}: no arrow leads to ${to}`)
    })
    expect(wrong).toEqual([])
  })

  it('are entered by their face alone', () => {
    const wrong = files
      .filter(({ path }) => !tests.test(path) && path !== 'src/compose.ts')
      .flatMap((file) =>
        importsOf(file)
          .filter(({ to }) => {
            const room = roomOf(to)
            return (
              room &&
              room !== 'platform' &&
              room !== roomOf(file.path) &&
              basename(to) !== 'index.ts'
            )
          })
          .map(({ to, line }) => `${file.path}:${line}: ${to} is not a face`),
      )
    expect(wrong).toEqual([])
  })

  it('speak HTTP in their routes and in what describes or reads a notice only', () => {
    const speakers = inside
      .filter(({ path }) => roomOf(path) !== 'platform' && roomOf(path) !== null)
      .filter((file) => importsOf(file).some(({ to }) => to.startsWith('src/platform/http/')))
      .map(({ path }) => path)
      .filter((path) => basename(path) !== 'routes.ts')
    expect(speakers).toEqual([
      'src/intake/banks/africa_bank.ts',
      'src/intake/documentation.ts',
      'src/intake/json-payment.ts',
    ])
  })

  it('have a face each, and a schema where they have a store', () => {
    for (const room of Object.keys(arrows).filter(
      (one) => !['platform', 'migrations'].includes(one),
    )) {
      const own = inside.map(({ path }) => path).filter((path) => roomOf(path) === room)
      expect(own).toContain(`src/${room}/index.ts`)
      expect(own.includes(`src/${room}/store.ts`)).toBe(own.includes(`src/${room}/schema.ts`))
    }
  })
})

function roomOf(path: string): string | null {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null
}

function importsOf({ path, lines }: File): { to: string; line: number }[] {
  return lines.flatMap((text, i) => {
    const from = /(?:from|import\(?) ?'(\.[^']+)'/.exec(text)?.[1]
    return from ? [{ to: normalize(join(dirname(path), from)), line: i + 1 }] : []
  })
}

/** A migration is one long list of tables, and a test file one long list of stories. */
function isTable(path: string): boolean {
  return path.startsWith('src/migrations/') || tests.test(path)
}

type Node = Record<string, unknown> & { span?: { start: number; end: number } }

/** Every function of a file with its lines, by the compiler's own eyes. */
async function functionLengths(text: string): Promise<{ name: string; count: number }[]> {
  const module = await parse(text, { syntax: 'typescript', target: 'es2024' })
  const bytes = Buffer.from(text)
  const found: { name: string; count: number }[] = []
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one)
    if (Array.isArray(node)) return
    if (typeof node !== 'object' || node === null) return
    const { type, span } = node as Node
    if (span && /Function(Declaration|Expression)$|ArrowFunction/.test(String(type))) {
      const from = span.start - module.span.start
      const source = bytes.subarray(from, from + span.end - span.start).toString()
      found.push({
        name: source.slice(0, 40).split('\n')[0] ?? '',
        count: source.split('\n').length,
      })
    }
    Object.values(node).forEach(visit)
  }
  visit(module.body)
  return found
}
