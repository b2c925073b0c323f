import fc from 'fast-check'

declare const process: { readonly env: Readonly<Record<string, string | undefined>> }

/** Runs of each property. `SPILLWAY_RUNS=5000` asks for more. @default 300 */
export const RUNS: number = Number(process.env['SPILLWAY_RUNS'] ?? 300)

/** Where the random cases begin; a failure prints it too. `SPILLWAY_SEED` repeats it. */
export const SEED: number = Number(process.env['SPILLWAY_SEED'] ?? Date.now() % 2 ** 31)

/** For the title of a property, so that its seed is printed. */
export const SEEDED: string = `(${RUNS} runs, seed ${SEED})`

/** Milliseconds that a property may take, however many runs were asked for. */
export const PATIENCE: number = 60_000 + RUNS * 500

/** Checks a property with the runs and the seed of this process. */
export async function check<T>(
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, holds), { numRuns: RUNS, seed: SEED })
}

/** Throws unless both are the same, all the way down, `-0` and `NaN` included. Much faster than `expect`. */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (isSame(actual, expected)) return
  throw new Error(`${what}: got ${show(actual)}, expected ${show(expected)}`)
}

/** Throws unless it holds. */
export function holds(condition: boolean, what: string | (() => string)): void {
  if (!condition) throw new Error(typeof what === 'string' ? what : what())
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [mine, other] = [Object.entries(a), Object.entries(b)]
  return (
    mine.length === other.length &&
    mine.every(
      ([name, value]) => Object.hasOwn(b, name) && isSame(value, (b as Record<string, unknown>)[name]),
    )
  )
}

function show(value: unknown): string {
  return fc.stringify(value)
}
