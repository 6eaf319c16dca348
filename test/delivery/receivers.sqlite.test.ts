import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { signedHeaders } from '../../src/delivery/signature.ts'
import { repository } from '../support/program.ts'
import { receiverSuite } from './receivers.suite.ts'

const folder = 'src/delivery/receivers/'

receiverSuite({
  name: 'TypeScript',
  program: 'node',
  args: () => [`${folder}receiver.ts`],
  signatures: ['v1', 'v1a'],
})

receiverSuite({
  name: 'Python',
  program: 'python3',
  args: () => [`${folder}receiver.py`],
  signatures: ['v1'],
})

const guide = () => readFileSync(`${repository}src/delivery/PARTNERS.md`, 'utf8')

describe('the guide for partners', () => {
  it('shows a signature that Giro makes', () => {
    const example = /the secret `(.*?)`, the id `(.*?)`, the time\s`(.*?)` and the body `(.*?)`/
    const [, secret = '', id = '', time, body = ''] = example.exec(guide()) ?? []
    const made = signedHeaders([secret], { id, body, now: Number(time) * 1000 })
    expect(guide()).toContain(` make \`${made['webhook-signature']}\`.`)
  })

  it('shows the very receivers that are tested', () => {
    const shown = [...guide().matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)]
    expect(shown.map(([, file]) => file).toSorted()).toEqual(
      readdirSync(repository + folder).toSorted(),
    )
    for (const [, file, code] of shown)
      expect(code).toBe(readFileSync(`${repository}${folder}${file}`, 'utf8'))
  })
})
