/** A number from 0 to below 1; passed in, so that a test can choose it. */
export type Random = () => number

export const systemRandom: Random = () => Math.random()
