/** S3 takes 2 KiB beside an object, and some servers less; the rest is in the database. */
const longestValue = 200

/** Metadata travels in headers: plain values only, in ASCII, under names without an underscore. */
export function metadataOf(known: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(known)
      .filter(([, value]) => ['string', 'number'].includes(typeof value))
      .map(([name, value]) => [name.replaceAll('_', '-'), ascii(`${value}`)] as const)
      .filter(([, value]) => value.length <= longestValue),
  )
}

/** What is not visible ASCII is written as in a URL. */
function ascii(text: string): string {
  return text.toWellFormed().replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent)
}
