import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { eventTypes } from '../../src/event/index.ts'
import { repository } from '../support/program.ts'

/** Types of events wherever one is made: words in quotes that begin as some type does. */
function madeTypes(): string[] {
  const subjects = new Set(Object.keys(eventTypes).map((type) => type.split('.')[0]))
  const texts = globSync('src/**/*.ts', { cwd: repository })
    .filter((path) => path !== 'src/event/event.ts')
    .map((path) => readFileSync(`${repository}${path}`, 'utf8'))
  const words = texts.flatMap((text) => [...text.matchAll(/'(([a-z]+)\.[a-z_]+)'/g)])
  return words.flatMap(([, type = '', subject]) => (subjects.has(subject) ? [type] : []))
}

describe('the list of what can happen', () => {
  it('has every type that is written somewhere, and no other', () => {
    expect([...new Set(madeTypes())].toSorted()).toEqual(Object.keys(eventTypes).toSorted())
  })

  it('says of each in a sentence what it means', () => {
    for (const meaning of Object.values(eventTypes)) expect(meaning).toMatch(/^[A-Z].{10,}\.$/)
  })
})
