import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { parseSync } from '@swc/core'
import { repository } from '../support/program.ts'

/** `names` has `*` where all of a file is brought in; `late` is what `import()` loads. */
export type Import = {
  to: string
  line: number
  names: string[]
  typeOnly: boolean
  late: boolean
}

/** A source file as the tidy test sees it. Paths are from the repository, lines count from 1. */
export type Source = {
  path: string
  lines: string[]
  /** The lines without their comments and without what stands in quotes. */
  code: string[]
  comments: { line: number; text: string }[]
  /** What it brings in from other files of Giro. */
  imports: Import[]
  /** Values that other files may bring in, apart from a default; types are no load. */
  exports: { name: string; line: number }[]
  functions: { line: number; length: number }[]
  /** Titles of tests with those of the `describe`s around them. */
  tests: { line: number; title: string }[]
}

export const sources: Source[] = globSync(
  ['{src,cli,scripts,test}/**/*.ts', 'ormconfig.ts', 'jest.config.js'],
  { cwd: repository },
)
  // Samples for partners stand for themselves.
  .filter((path) => !path.startsWith('src/delivery/receivers/'))
  .toSorted()
  .map((path) => read(path, readFileSync(join(repository, path), 'utf8')))

type Node = { type?: string; span?: Span } & Record<string, unknown>
type Span = { start: number; end: number }
type Visit = (node: Node, parents: Node[]) => void

/** Takes a text apart with the compiler's own parser. */
export function read(path: string, text: string): Source {
  const module = parseSync(text, { syntax: 'typescript', target: 'es2024' })
  const at = positions(text)
  const literals: Span[] = []
  const source: Source = {
    path,
    lines: text.split('\n'),
    ...{ code: [], comments: [], imports: [], exports: [], functions: [], tests: [] },
  }
  walk(module as unknown as Node, [], (node, parents) => {
    const { type, span } = node
    if (/^(StringLiteral|TemplateElement|RegExpLiteral)$/.test(type ?? '') && span)
      literals.push(span)
    const line = at.line(span ?? module.span)
    source.imports.push(...importsOf(node, path, line))
    source.exports.push(...exportsOf(node).map((name) => ({ name, line })))
    if (isFunction(node) && span && !describes(parents.at(-1)))
      source.functions.push({ line, length: at.lastLine(span) - line + 1 })
    const title = titleOf(node, /^(it|test)$/)
    if (title !== undefined) {
      const around = parents.flatMap((one) => titleOf(one, /^describe$/) ?? [])
      source.tests.push({ line, title: [...around, title].join(' › ') })
    }
  })
  const { code, comments } = withoutComments(at.blanked(literals), at.lineAt)
  return { ...source, code: code.split('\n'), comments }
}

function walk(node: Node, parents: Node[], visit: Visit): void {
  if (node.type !== undefined) visit(node, parents)
  const inner = node.type === undefined ? parents : [...parents, node]
  for (const value of Object.values(node))
    if (typeof value === 'object' && value !== null) walk(value as Node, inner, visit)
}

/** The parser counts bytes, from 1. */
function positions(text: string) {
  const bytes = Buffer.from(text)
  const starts = [0]
  for (const [i, byte] of bytes.entries()) if (byte === 0x0a) starts.push(i + 1)
  const lineAt = (byte: number) => starts.findLastIndex((start) => start <= byte) + 1
  return {
    lineAt,
    line: ({ start }: Span) => lineAt(start - 1),
    lastLine: ({ end }: Span) => lineAt(end - 2),
    /** The text with blanks in place of these, so that every line stays where it is. */
    blanked(spans: Span[]): string {
      const copy = Buffer.from(bytes)
      for (const { start, end } of spans)
        for (let i = start - 1; i < end - 1; i += 1) if (copy[i] !== 0x0a) copy[i] = 0x20
      return copy.toString('latin1')
    },
  }
}

function withoutComments(masked: string, lineAt: (byte: number) => number) {
  const comments: Source['comments'] = []
  const code = masked.replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, (comment, offset: number) => {
    for (const [i, text] of comment.split('\n').entries())
      comments.push({ line: lineAt(offset) + i, text: Buffer.from(text, 'latin1').toString() })
    return comment.replaceAll(/[^\n]/g, ' ')
  })
  return { code, comments }
}

type Specifier = Node & {
  local?: { value: string }
  orig?: { value: string }
  imported?: { value: string } | null
  exported?: { value: string } | null
  name?: { value: string }
  isTypeOnly?: boolean
}

function importsOf(node: Node, path: string, line: number): Import[] {
  const isCall = node.type === 'CallExpression' && (node.callee as Node).type === 'Import'
  const [argument] = isCall ? (node.arguments as { expression: Node }[]) : []
  const given = (argument?.expression ?? node.source) as (Node & { value?: string }) | null
  if (!given?.value?.startsWith('.')) return []
  const specifiers = (node.specifiers ?? []) as Specifier[]
  const types = specifiers.length > 0 && specifiers.every(({ isTypeOnly }) => isTypeOnly)
  return [
    {
      to: normalize(join(dirname(path), given.value)),
      line,
      names: isCall || node.type === 'ExportAllDeclaration' ? ['*'] : specifiers.map(takenName),
      typeOnly: node.typeOnly === true || types,
      late: isCall,
    },
  ]
}

function takenName({ type, imported, orig, local }: Specifier): string {
  if (/Namespace/.test(type ?? '')) return '*'
  return (imported ?? orig ?? local)?.value ?? ''
}

function exportsOf(node: Node): string[] {
  if (node.type === 'ExportNamedDeclaration')
    return (node.specifiers as Specifier[]).flatMap((one) =>
      one.isTypeOnly || node.typeOnly ? [] : ((one.exported ?? one.orig ?? one.name)?.value ?? []),
    )
  if (node.type !== 'ExportDeclaration') return []
  const declaration = node.declaration as Node & { identifier?: Named; id?: Named }
  if (/^Ts(TypeAlias|Interface)/.test(declaration.type ?? '')) return []
  const several = (declaration.declarations ?? []) as { id: Named }[]
  const named = [declaration.identifier, declaration.id, ...several.map(({ id }) => id)]
  return named.flatMap((one) => one?.value ?? [])
}

type Named = { value?: string }

function isFunction({ type }: Node): boolean {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ClassMethod)$/.test(
    type ?? '',
  )
}

/** `describe('…', () => …)` is a chapter of tests, not a function that does something. */
function describes(parent: Node | undefined): boolean {
  return parent !== undefined && nameOfCall(parent) === 'describe'
}

function titleOf(node: Node, of: RegExp): string | undefined {
  if (!of.test(nameOfCall(node) ?? '')) return undefined
  const [first] = node.arguments as { expression: Node & { value?: string } }[]
  return first?.expression.type === 'StringLiteral' ? first.expression.value : undefined
}

/** `it` for `it(…)`, `it.each(…)(…)` and their like. */
function nameOfCall(node: Node): string | undefined {
  if (node.type !== 'CallExpression') return undefined
  let callee = node.callee as Node | undefined
  while (callee && callee.type !== 'Identifier')
    callee = (callee.callee ?? callee.object) as Node | undefined
  return callee?.value as string | undefined
}
