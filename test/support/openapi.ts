import { expect } from '@jest/globals'
import type { Json } from './http.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

/** What OpenAPI 3.1 demands of a document of this kind, rule by rule. */
export function expectValidOpenApi(document: Json): void {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/)
  expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) })
  expect(unknownReferences(document)).toEqual([])
  for (const [path, item] of Object.entries<Json>(document.paths)) {
    expect(path).toMatch(/^\//)
    const operations = Object.entries<Json>(item).filter(([method]) => methods.includes(method))
    expect(operations.length).toBeGreaterThan(0)
    for (const [, operation] of operations) expectOperation(path, operation, document)
  }
}

function expectOperation(path: string, operation: Json, { components }: Json): void {
  const statuses = Object.keys(operation.responses)
  expect(statuses.length).toBeGreaterThan(0)
  for (const status of statuses) {
    expect(status).toMatch(/^([1-5]\d\d|default)$/)
    expect(operation.responses[status].description).toEqual(expect.any(String))
  }
  const parameters: Json[] = operation.parameters ?? []
  for (const parameter of parameters) {
    expect(['path', 'query', 'header', 'cookie']).toContain(parameter.in)
    expect(Boolean(parameter.schema) !== Boolean(parameter.content)).toBe(true)
  }
  const names = parameters.map((one) => `${one.in} ${one.name}`)
  expect(new Set(names).size).toBe(names.length)

  const inPath = parameters.filter((one) => one.in === 'path')
  const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  expect(inPath.map(({ name }) => name).toSorted()).toEqual(wanted.toSorted())
  expect(inPath.every(({ required }) => required === true)).toBe(true)

  const known = Object.keys(components?.securitySchemes ?? {})
  for (const scheme of (operation.security ?? []).flatMap(Object.keys))
    expect(known).toContain(scheme)
}

/** Every `$ref` that leads nowhere. */
function unknownReferences(document: Json): string[] {
  const wrong: string[] = []
  const visit = (value: Json) => {
    if (typeof value !== 'object' || value === null) return
    if (typeof value.$ref === 'string' && !isThere(document, value.$ref)) wrong.push(value.$ref)
    for (const inner of Object.values(value)) visit(inner)
  }
  visit(document)
  return wrong
}

function isThere(document: Json, reference: string): boolean {
  const steps = reference.split('/')
  if (steps.shift() !== '#') return false
  return steps.reduce((at, step) => at?.[step], document) !== undefined
}
