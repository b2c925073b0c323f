import fc from 'fast-check'

const YEAR = 365 * 86_400_000

/** 1 ms to a year. */
export const windowMs: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 1, max: 10 }),
  fc.constantFrom(999, 1000, 60_000, 3_600_000, 86_400_000, YEAR),
  fc.integer({ min: 1, max: 10_000 }),
  fc.integer({ min: 1, max: YEAR }),
)

/** The largest count whose product with the window is still exact. */
export function most(window: number): number {
  return Math.floor(2 ** 52 / window)
}

/** 1 to `most`, mostly small, so that it is soon reached. */
export function limit(most: number): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: Math.min(5, most) }) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: Math.min(100, most) }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: most }) },
    { weight: 1, arbitrary: fc.constant(most) },
  )
}

/** The clock's first reading: about now, or near its zero. */
export const beginning: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: Date.UTC(2000), max: Date.UTC(2050) }),
  fc.nat(10_000),
)

/** How the clock moves before a command: `n` times the unit and 16ths of the policy's window, or to the very end of a wait. */
export interface Move {
  readonly unit: 'ms' | 'window/16' | 'wait' | 'reset'
  readonly n: number
}

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: moved('ms', fc.constant(0)) },
  { weight: 4, arbitrary: moved('ms', fc.nat(20)) },
  { weight: 6, arbitrary: moved('window/16', fc.integer({ min: 0, max: 40 })) },
  { weight: 4, arbitrary: moved('wait', fc.integer({ min: -1, max: 1 })) },
  { weight: 1, arbitrary: moved('reset', fc.integer({ min: -1, max: 1 })) },
  { weight: 2, arbitrary: moved('window/16', fc.integer({ min: -40, max: -1 })) },
  { weight: 2, arbitrary: moved('ms', fc.integer({ min: -60_002, max: -1 })) },
  { weight: 1, arbitrary: moved('ms', fc.integer({ min: -60_002, max: -59_998 })) },
  { weight: 1, arbitrary: moved('ms', fc.constantFrom(-3_600_000, 3_600_000, -86_400_000, 86_400_000)) },
)

function moved(unit: Move['unit'], n: fc.Arbitrary<number>): fc.Arbitrary<Move> {
  return n.map((n) => ({ unit, n }))
}

/** Units: so many, or in terms of what the policy holds or had left. */
export interface Cost {
  readonly of: 'units' | 'half' | 'limit' | 'left'
  readonly plus: number
}

const cost: fc.Arbitrary<Cost> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Cost>({ of: 'units', plus: 1 }) },
  { weight: 3, arbitrary: fc.nat(5).map((plus): Cost => ({ of: 'units', plus })) },
  { weight: 1, arbitrary: fc.constant<Cost>({ of: 'half', plus: 0 }) },
  { weight: 2, arbitrary: fc.nat(1).map((plus): Cost => ({ of: 'limit', plus })) },
  { weight: 2, arbitrary: fc.nat(1).map((plus): Cost => ({ of: 'left', plus })) },
)

/** The limit that a call brings: the policy's own (`undefined`), a multiple of it, or this very one. */
export type CallLimit = { readonly times: number } | number | undefined

const callLimit: fc.Arbitrary<CallLimit> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constantFrom(0.5, 2, 10).map((times) => ({ times })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, Number.POSITIVE_INFINITY) },
)

/** What one policy is told in a command. */
interface Part {
  readonly key: 'a' | 'b' | null
  readonly cost: Cost
  readonly limit: CallLimit
}

export interface Command {
  readonly move: Move
  readonly ask: 'consume' | 'peek' | 'reserve' | 'renew' | 'meter' | 'settle' | 'cancel' | 'reset'
  /** One for each policy. */
  readonly parts: readonly Part[]
  /** Which of the open reservations is renewed, metered or settled. */
  readonly pick: number
  readonly atLimit: 'stop' | 'finish'
  /** Whether settling releases the slots. */
  readonly release: boolean
}

/** At most 200 commands to so many policies. */
export function commands(policies: number): fc.Arbitrary<Command[]> {
  const alone = policies === 1
  const key = fc.oneof(
    { weight: 6, arbitrary: fc.constant('a' as const) },
    { weight: 1, arbitrary: fc.constantFrom('b' as const, alone ? ('a' as const) : null) },
  )
  const ask = fc.oneof(
    { weight: 100, arbitrary: fc.constant('consume' as const) },
    { weight: 10, arbitrary: fc.constant('peek' as const) },
    { weight: 25, arbitrary: fc.constant('reserve' as const) },
    { weight: 20, arbitrary: fc.constantFrom('settle' as const, 'cancel' as const) },
    { weight: 12, arbitrary: fc.constantFrom('renew' as const, 'meter' as const) },
    { weight: 1, arbitrary: fc.constant('reset' as const) },
  )
  const parts = fc.array(fc.record({ key, cost, limit: callLimit }), {
    minLength: policies,
    maxLength: policies,
  })
  const atLimit = fc.constantFrom('stop' as const, 'finish' as const)
  const release = fc.nat(3).map((drawn) => drawn > 0)
  return fc.array(fc.record({ move, ask, parts, pick: fc.nat(9), atLimit, release }), {
    maxLength: 200,
    size: 'max',
  })
}
