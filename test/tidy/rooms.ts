import type { Import, Source } from './source.ts'

/**
 * Who may know whom, apart from `platform`, which is open to all. `src/README.md` draws the same
 * arrows.
 */
export const arrows: Record<string, string[]> = {
  upkeep: ['proof', 'ledger', 'event'],
  intake: ['proof', 'payment', 'party', 'event'],
  payment: ['proof', 'party', 'ledger', 'delivery', 'event'],
  delivery: ['turn', 'party', 'event', 'sms'],
  redelivery: ['payment', 'party', 'delivery', 'event'],
  proof: ['event'],
  party: ['event'],
  access: ['event'],
  ledger: [],
  event: [],
  sms: [],
  turn: [],
}

export const rooms = Object.keys(arrows)

/** Of the rest of the house. */
const others: Record<string, string[]> = {
  platform: [],
  migrations: [],
  compose: [...rooms, 'migrations'],
  cli: [...rooms, 'compose'],
  scripts: ['compose', 'cli'],
  ormconfig: ['compose'],
}

/** Parts of the platform that have a face of their own. */
const facesOfPlatform = ['config', 'database', 'http', 'outbound']

/** What is loaded late, where it is asked for, and so is not behind a face that all load. */
const loadedLate = [
  'src/platform/http/openapi.ts',
  'src/intake/documentation.ts',
  'src/sms/documentation.ts',
]

/** Adapters of banks and providers read headers, so they may know what platform/http knows. */
const speakHttp =
  /\/routes\.ts$|^src\/\w+\/(documentation|json-payment)\.ts$|\/(banks|providers)\/[\w-]+\.ts$/

/** `ledger` for a file of that room, `platform`, `compose`, `cli` and so on for the others. */
export function placeOf(path: string): string {
  return /^(?:src\/)?([\w-]+)/.exec(path)?.[1] ?? ''
}

/** Why a file may not bring this in, or null where it may. */
export function objection({ path }: Source, { to }: Import): string | null {
  const from = placeOf(path)
  const target = placeOf(to)
  if (from === 'test') return null
  if (target === 'test') return 'nothing needs a test'
  const open = [from, 'platform', ...(arrows[from] ?? others[from] ?? [])]
  if (!open.includes(target)) return `no arrow leads from ${from} to ${target}`
  if (loadedLate.includes(to)) return null
  if (arrows[target] && target !== from && !to.endsWith('/index.ts'))
    return `a room is entered by its face, src/${target}/index.ts`
  const part = partOf(to)
  if (part && part !== partOf(path) && !to.endsWith('/index.ts'))
    return `it is entered by its face, src/platform/${part}/index.ts`
  if (part === 'http' && arrows[from] && !speakHttp.test(path))
    return 'only the routes of a room speak HTTP'
  return null
}

function partOf(path: string): string | undefined {
  return facesOfPlatform.find((part) => path.startsWith(`src/platform/${part}/`))
}

/** Files whose anatomy is not that of a room: what is missing, or stands in the wrong place. */
export function anatomyOf(room: string, sources: Source[]): string[] {
  const own = sources.filter(({ path }) => path.startsWith(`src/${room}/`))
  const has = (name: string) => own.some(({ path }) => path === `src/${room}/${name}.ts`)
  // Where one file of queries or doors gets too long, the next is named after what it is of.
  const isPlace = (path: string, name: string) =>
    path === `src/${room}/${name}.ts` || path.endsWith(`-${name}.ts`)
  const inPlace = (pattern: RegExp, name: string) =>
    own.flatMap(({ path, code }) =>
      code.flatMap((text, i) =>
        pattern.test(text) && !isPlace(path, name)
          ? [`${path}:${i + 1}: this belongs into src/${room}/${name}.ts`]
          : [],
      ),
    )
  return [
    ...(has('index') ? [] : [`src/${room} has no face, index.ts`]),
    ...(has('schema') === has('store') ? [] : [`src/${room} needs schema.ts and store.ts`]),
    ...inPlace(/(?<!\.)\btable\(/, 'schema'),
    ...inPlace(/\bsql`/, 'store'),
    ...inPlace(/\bendpoint\(/, 'routes'),
  ]
}

/** The arrows as `src/README.md` draws them: `intake ──► proof payment`, several to a line. */
export function drawnArrows(readme: string): Record<string, string[]> {
  const drawn: Record<string, string[]> = {}
  for (const [, from = '', to = ''] of readme.matchAll(/^ {4}([a-z, ]+?) *──► ([a-z ;]+)$/gm))
    for (const room of from.split(',').map((name) => name.trim()))
      if (rooms.includes(room))
        drawn[room] = to.split(/[ ;]+/).filter((name) => rooms.includes(name))
  return drawn
}

/** Ways by which a file comes to need itself. Types need nobody when the program runs. */
export function circles(sources: Source[]): string[] {
  const needs = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter(({ typeOnly, late }) => !typeOnly && !late).map(({ to }) => to),
    ]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const follow = (path: string, way: string[]): void => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path].join(' → '))
    if (way.includes(path) || done.has(path)) return
    for (const next of needs.get(path) ?? []) follow(next, [...way, path])
    done.add(path)
  }
  for (const path of needs.keys()) follow(path, [])
  return found
}
