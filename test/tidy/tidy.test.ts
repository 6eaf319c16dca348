import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { repository } from '../support/program.ts'
import { bans, findings } from './bans.ts'
import { anatomyOf, arrows, circles, drawnArrows, objection, placeOf, rooms } from './rooms.ts'
import { read, type Source, sources } from './source.ts'

const inside = sources.filter(({ path }) => path.startsWith('src/'))

/** Where something stands, for whoever has to change it. */
const at = ({ path }: Source, line: number, words: string) => `${path}:${line}: ${words}`

describe('what is banned', () => {
  it.each(bans)('$what: use $use', (ban) => {
    // The table of bans names what it bans.
    const judged = sources.filter(({ path }) => path !== 'test/tidy/bans.ts')
    expect(judged.flatMap((source) => findings(source, ban))).toEqual([])
  })

  it.each(bans)('is found where it stands: $bad', (ban) => {
    const place = sources.find(({ path }) => ban.where.test(path) && !ban.except?.test(path))
    const example = read(place?.path ?? '', `\n${ban.bad}\n`)
    expect(findings(example, ban)).toEqual([
      `${place?.path}:2: ${ban.what} is banned, use ${ban.use}`,
    ])
  })

  it('is not found in comments and texts, which may speak of it', () => {
    const harmless = "// Date.now() lies.\nconst text = 'console.log' + `Math.random` // ü\n"
    const example = read('src/payment/record.ts', harmless)
    expect(bans.flatMap((ban) => findings(example, ban))).toEqual([])
  })
})

describe('the size', () => {
  it('of a function is at most 70 lines; a migration is a list', () => {
    const long = sources
      .filter(({ path }) => !path.startsWith('src/migrations/'))
      .flatMap((source) =>
        source.functions
          .filter(({ length }) => length > 70)
          .map(({ line, length }) => at(source, line, `a function of ${length} lines`)),
      )
    expect(long).toEqual([])
  })

  it('of a file is at most 400 lines', () => {
    const long = sources.filter(({ lines }) => lines.length > 401)
    expect(long.map((source) => at(source, 401, `${source.lines.length - 1} lines`))).toEqual([])
  })

  it('of a line is at most 100 characters; the title of a test may be longer', () => {
    const long = sources.flatMap((source) =>
      source.lines.flatMap((text, i) =>
        [...text].length > 100 && !/^ *(it|describe)\(['"`]/.test(text)
          ? [at(source, i + 1, `${[...text].length} characters`)]
          : [],
      ),
    )
    expect(long).toEqual([])
  })
})

describe('the names', () => {
  it('of files are in kebab-case; a bank may have the underscores of its door', () => {
    const word = '[a-z0-9]+(-[a-z0-9]+)*'
    const kebab = new RegExp(`^(\\d+-)?${word}(\\.${word})?(\\.(test|suite|config))?\\.(ts|js)$`)
    const odd = sources.filter(({ path }) => !kebab.test(path.split('/').at(-1) ?? ''))
    expect(odd.filter(({ path }) => !/intake\/banks\/[a-z0-9_]+\.ts$/.test(path))).toEqual([])
  })

  it('say what is in a file, and not that it helps', () => {
    const empty = /(^|[/-])(utils?|helpers?|managers?|common|misc|models?|interfaces?|services)\b/
    // These are named after what an operator and a developer type.
    const named = /^(cli\/manage\.ts$|test\/services\/)/
    const idle = sources.filter(({ path }) => empty.test(path) && !named.test(path))
    expect(idle.map(({ path }) => path)).toEqual([])
  })

  it('of tests are told once in a file', () => {
    const twice = sources.flatMap((source) => {
      const titles = source.tests.map(({ title }) => title)
      return source.tests
        .filter(({ title }, i) => titles.indexOf(title) !== i)
        .map(({ line, title }) => at(source, line, `"${title}" stands there twice`))
    })
    expect(twice).toEqual([])
  })
})

describe('nothing is left lying about', () => {
  it('in files that nobody needs', () => {
    const started = /(\.test|-thread)\.ts$|^cli\/(manage|commands\/.*)\.ts$|^scripts\//
    const named = /^(ormconfig\.ts|jest\.config\.js)$/
    const entry = (path: string) => started.test(path) || named.test(path)
    const needed = new Set(sources.flatMap(({ imports }) => imports.map(({ to }) => to)))
    const idle = sources.map(({ path }) => path).filter((path) => !needed.has(path) && !entry(path))
    expect(idle.filter((path) => !/^src\/(intake\/banks|sms\/providers)\//.test(path))).toEqual([])
  })

  it('in values that a file gives out and nobody takes', () => {
    const imports = sources.flatMap((source) => source.imports)
    const taken = new Set(imports.flatMap(({ to, names }) => names.map((name) => `${to} ${name}`)))
    const words = sources.map(({ path, code }) => ({
      path,
      has: new Set(code.join(' ').split(/\W+/)),
    }))
    const isTaken = (path: string, name: string) =>
      taken.has(`${path} ${name}`) ||
      // Where all of a file is taken, the name itself has to be somewhere.
      (taken.has(`${path} *`) && words.some((other) => other.path !== path && other.has.has(name)))
    const idle = inside.flatMap((source) =>
      source.exports
        .filter(({ name }) => !isTaken(source.path, name))
        .map(({ name, line }) => at(source, line, `nobody takes ${name}`)),
    )
    expect(idle).toEqual([])
  })
})

describe('the rooms', () => {
  it('are those of the table of arrows, and those that src/README.md draws', () => {
    const found = new Set(inside.map(({ path }) => placeOf(path)))
    for (const other of ['compose', 'migrations', 'platform']) found.delete(other)
    expect([...found].toSorted()).toEqual(rooms.toSorted())
    expect(drawnArrows(readFileSync(`${repository}src/README.md`, 'utf8'))).toEqual(arrows)
  })

  it('know each other only as the arrows allow, and by their faces', () => {
    const wrong = sources.flatMap((source) =>
      source.imports.flatMap((one) => {
        const why = objection(source, one)
        return why === null ? [] : [at(source, one.line, `${one.to} is banned: ${why}`)]
      }),
    )
    expect(wrong).toEqual([])
  })

  it.each(rooms)('have the same anatomy: %s', (room) => {
    expect(anatomyOf(room, sources)).toEqual([])
  })

  it('do not turn in circles', () => {
    expect(circles(sources)).toEqual([])
  })
})

describe('the tests', () => {
  it('mirror the house: a folder of tests has a folder of source', () => {
    const own = ['crash', 'processes', 'property', 'services', 'story', 'support', 'tidy']
    const folders = globSync('test/**/', { cwd: repository }).map((path) =>
      path.slice('test/'.length),
    )
    const known = new Set(globSync('src/**/', { cwd: repository }).map((path) => path.slice(4)))
    const odd = folders.filter((path) => path && !own.some((one) => path.startsWith(one)))
    expect(odd.filter((path) => !known.has(path))).toEqual([])
  })
})
