import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { allSettings } from '../../src/compose.ts'
import { showSettings } from '../../src/platform/config/index.ts'
import { catalogue } from '../../src/platform/problem.ts'
import { repository } from '../support/program.ts'

/** Rows `| \`name\` | second | third |` of the README whose name is of this form. */
function rowsOf(name: RegExp): string[][] {
  const lines = readFileSync(`${repository}README.md`, 'utf8').split('\n')
  return lines
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, first = '', second = '', third = '']) => [first.replaceAll('`', ''), second, third])
    .filter(([first = '']) => name.test(first))
}

/** Words in quotes wherever an answer is made; a list of what may be answered makes none. */
function saidCodes(): Set<string> {
  const lists = [
    'src/platform/problem.ts',
    'src/platform/http/openapi.ts',
    'src/intake/documentation.ts',
    'src/sms/documentation.ts',
  ]
  const lines = globSync('src/**/*.ts', { cwd: repository })
    .filter((path) => !lists.includes(path))
    .flatMap((path) => readFileSync(`${repository}${path}`, 'utf8').split('\n'))
    .filter((line) => !/^ *refusals:/.test(line))
  return new Set(
    lines.flatMap((line) => [...line.matchAll(/'([a-z_]+)'/g)].map(([, word]) => word ?? '')),
  )
}

describe("the README's table of problems", () => {
  const codes = () => rowsOf(/^[a-z_]+$/).filter(([, status = '']) => /^`?\d{3}`?$/.test(status))

  it('has every code with its status, and no other', () => {
    const told = codes().map(([code, status = '']) => [code, status.replaceAll('`', '')])
    const known = Object.entries(catalogue).map(([code, { status }]) => [code, `${status}`])
    expect(told.toSorted()).toEqual(known.toSorted())
  })

  it('says of each what it means', () => {
    for (const [code, , meaning] of codes())
      expect([code, meaning]).toEqual([code, expect.stringMatching(/.{10}/)])
  })
})

describe('the catalogue of problems', () => {
  it.each(Object.keys(catalogue))('has %s because Giro says it somewhere', (code) => {
    expect(saidCodes().has(code)).toBe(true)
  })

  it.each(Object.entries(catalogue))('gives %s a status of refusals and a title', (_, problem) => {
    expect(problem.status).toBeGreaterThanOrEqual(400)
    expect(problem.title).toMatch(/^[A-Z].*[^.]$/)
  })
})

describe("the README's table of settings", () => {
  it('has every setting with its default, and no other', () => {
    const told = rowsOf(/^[A-Z][A-Z_]+$/).map(([name, value = '']) => [
      name,
      value.replaceAll('`', ''),
    ])
    const known = showSettings(allSettings, {}).map(({ name, value }) => [name, value ?? ''])
    expect(told.map(([name]) => name).toSorted()).toEqual(known.map(([name]) => name).toSorted())
    for (const [name, value] of known.filter(([, value]) => value !== ''))
      expect(told).toContainEqual([name, value])
  })
})
