/** Of the rounds of a run: the middle one, and how far they lie apart. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

/** Each round by its own: what slows a machine down for a while slows both. */
export function ratios(of: readonly number[], to: readonly number[]): number[] {
  return inRounds(of, to, (a, b) => a / b)
}

export function differences(of: readonly number[], to: readonly number[]): number[] {
  return inRounds(of, to, (a, b) => a - b)
}

function inRounds(of: readonly number[], to: readonly number[], pair: (a: number, b: number) => number) {
  if (of.length !== to.length) throw new Error(`${of.length} rounds and ${to.length} cannot be compared.`)
  return of.map((sample, round) => pair(sample, to[round] as number))
}
