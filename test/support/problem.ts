import { expect } from '@jest/globals'
import type { Answer } from './http.ts'

type Expected = { status: number; code: string; pointers?: string[] }

/** The answer is problem details with exactly the members of the contract. */
export function expectProblem(answer: Answer, { status, code, pointers }: Expected): void {
  expect(answer.json).toEqual({
    type: expect.any(String),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code,
    request_id: expect.stringMatching(/^req_\w+$/),
    ...(status === 422 && { errors: expect.any(Array) }),
  })
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.bytes.toString()).not.toMatch(/\bat .*\.ts\b|node_modules|SQLITE/)
  if (status === 422) expectErrors(answer, pointers)
}

/** Giro cannot take it now, and says when to come again. */
export function expectUnavailable(answer: Answer): void {
  expectProblem(answer, { status: 503, code: 'unavailable' })
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
}

function expectErrors({ json }: Answer, pointers: string[] | undefined): void {
  expect(json.errors.length).toBeGreaterThan(0)
  for (const error of json.errors)
    expect(error).toEqual({ pointer: expect.any(String), detail: expect.stringMatching(/./) })
  if (pointers) {
    const named = json.errors.map((error: { pointer: string }) => error.pointer)
    expect(named.toSorted()).toEqual(pointers.toSorted())
  }
}
