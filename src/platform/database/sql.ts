/** A piece of SQL with its parameters. Values only ever travel as parameters. */
export class Sql {
  readonly text: string
  readonly params: readonly unknown[]

  constructor(text: string, params: readonly unknown[]) {
    this.text = text
    this.params = params
  }
}

/** Writes SQL as a template: values become parameters, pieces are put in as they are. */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  let text = strings[0] ?? ''
  const params: unknown[] = []
  values.forEach((value, i) => {
    if (value instanceof Sql) {
      text += value.text
      params.push(...value.params)
    } else {
      text += '?'
      params.push(value)
    }
    text += strings[i + 1] ?? ''
  })
  return new Sql(text, params)
}

export function join(pieces: Sql[], separator: string): Sql {
  return new Sql(
    pieces.map((piece) => piece.text).join(separator),
    pieces.flatMap((piece) => piece.params),
  )
}

/** Longer lists are rare, and databases bound the parameters of a statement. */
const mostFilled = 4096

/**
 * A list for IN. It is filled up with its last value to a power of two, so that few distinct
 * statements exist and the cache of prepared ones serves them. An empty list matches nothing.
 */
export function list(values: readonly unknown[]): Sql {
  if (values.length === 0) return new Sql('(NULL)', [])
  const filling = values.length <= mostFilled
  const size = filling ? 2 ** Math.ceil(Math.log2(values.length)) : values.length
  const filled = [...values, ...Array(size - values.length).fill(values.at(-1))]
  return new Sql(`(${filled.map(() => '?').join(', ')})`, filled)
}
