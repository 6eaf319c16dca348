import { describe, expect, it } from '@jest/globals'
import { contactError } from '../../src/party/party.ts'

describe('a contact path', () => {
  it.each([
    ['api', 'https://partner.example/payments?x=1'],
    ['api', 'http://127.0.0.1:5001/payments'],
    ['api', 'https://[2001:db8::1]:8443/'],
    ['api', 'https://partner.example/~user@home'],
    ['email', 'books@partner.example'],
    ['email', 'first.last+giro@mail.partner.example'],
    ['sms', '+12345678'],
    ['sms', '+123456789012345'],
  ] as const)('of a route by %s may be %s', (method, path) => {
    expect(contactError(method, path)).toBeNull()
  })

  it.each([
    ['api', 'partner.example/payments'],
    ['api', '/payments'],
    ['api', 'ftp://partner.example/'],
    ['api', 'file:///etc/passwd'],
    ['api', 'javascript:alert(1)'],
    ['api', 'https://user:password@partner.example/'],
    ['api', 'https://user@partner.example/'],
    ['api', 'https://:password@partner.example/'],
    ['api', 'http://'],
    ['api', ''],
    ['email', 'books'],
    ['email', '@partner.example'],
    ['email', 'books@'],
    ['email', 'a@partner.example, b@partner.example'],
    ['email', 'Books <books@partner.example>'],
    ['email', 'books@partner.example\r\nBcc: all@example.com'],
    ['email', 'https://partner.example/'],
    ['sms', '254711223344'],
    ['sms', '+1234567'],
    ['sms', '+1234567890123456'],
    ['sms', '+٢٥٤٧١١٢٢٣٣٤٤'],
    ['sms', '+254711223344\n'],
  ] as const)('of a route by %s may not be %j', (method, path) => {
    expect(contactError(method, path)).toMatchObject({ pointer: '/contact_path' })
  })
})
