import iso4217 from 'currency-codes'

/** How many decimals each currency has, by its upper-case ISO 4217 code: JPY 0, USD 2, BHD 3. */
const exponents = new Map(
  iso4217.data
    .filter(({ code }) => !isNoMoney(code))
    .map(({ code, digits }) => [code, digits] as const),
)

/** The currency's exponent, or undefined where nobody issues such a currency. */
export function exponentOf(currency: string): number | undefined {
  return exponents.get(currency)
}

/** ISO 4217 also lists metals, funds, "no currency" and "test": nothing a bank pays in. */
function isNoMoney(code: string): boolean {
  const regional = ['XAF', 'XCD', 'XCG', 'XOF', 'XPF']
  return code.startsWith('X') && !regional.includes(code)
}
