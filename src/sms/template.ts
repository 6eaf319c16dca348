/** What can stand in a template, in braces. */
export type Facts = { id: string; from: string; to: string; text: string }

export type Escape = (value: string) => string

/** How a value is written between the quotes of JSON, in a form or a URL, and in a header. */
export const escapes = {
  json: (value) => JSON.stringify(value).slice(1, -1),
  form: encodeURIComponent,
  none: (value) => value,
} satisfies Record<string, Escape>

/** Puts the facts where a template names them. Braces of any other kind stay as they are. */
export function filled(template: string, facts: Facts, written: Escape): string {
  return template.replaceAll(/\{(id|from|to|text)\}/g, (_, name: keyof Facts) =>
    written(facts[name]),
  )
}
