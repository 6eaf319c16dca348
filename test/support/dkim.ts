import { createHash, type KeyObject, verify } from 'node:crypto'

/**
 * Judges the DKIM signature of a mail as a receiver does (RFC 6376, rsa-sha256, relaxed/relaxed),
 * with the key that DNS would have. Gives what was signed, and whether it still is what it was.
 */
export function verifyDkim(raw: string, publicKey: KeyObject) {
  const end = raw.indexOf('\r\n\r\n')
  const fields = raw
    .slice(0, end)
    .split(/\r\n(?![ \t])/)
    .map((text) => ({ name: text.slice(0, text.indexOf(':')).toLowerCase(), text }))
  const signature = fields.find(({ name }) => name === 'dkim-signature')?.text ?? ''
  const tags = tagsOf(signature)
  const named = (tags.h ?? '').toLowerCase().split(':')
  // Of fields that are there several times, the last is signed first (section 5.4.2).
  const left = fields.toReversed()
  const signed = named.flatMap((name) => {
    const at = left.findIndex((field) => field.name === name)
    return at === -1 ? [] : left.splice(at, 1).map(({ text }) => relaxed(text))
  })
  const own = relaxed(signature.replace(/([;\s]b=)[^;]*/, '$1'))
  const data = Buffer.from([...signed, own].join('\r\n'), 'latin1')
  const bodyHash = createHash('sha256').update(relaxedBody(raw.slice(end + 4)), 'latin1')
  return {
    tags,
    named,
    body: bodyHash.digest('base64') === tags.bh,
    header: verify('sha256', data, publicKey, Buffer.from(tags.b ?? '', 'base64')),
  }
}

function tagsOf(signature: string): Record<string, string> {
  const list = signature.slice(signature.indexOf(':') + 1).split(';')
  const pairs = list.map((tag) => tag.replaceAll(/\s/g, ''))
  return Object.fromEntries(
    pairs.map((tag) => [tag.split('=')[0], tag.slice(tag.indexOf('=') + 1)]),
  )
}

function relaxed(field: string): string {
  const colon = field.indexOf(':')
  const value = field
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replaceAll(/[ \t]+/g, ' ')
  return `${field.slice(0, colon).trim().toLowerCase()}:${value.trim()}`
}

function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replaceAll(/[ \t]+/g, ' ').trimEnd())
  const text = lines.join('\r\n').replace(/(\r\n)+$/, '')
  return text === '' ? '' : `${text}\r\n`
}
