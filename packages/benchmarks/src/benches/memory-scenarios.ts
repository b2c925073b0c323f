import type { Limits } from '../subject.js'

export interface Scenario {
  readonly title: string
  readonly keys: number
  /** One policy, or several. */
  readonly limits: readonly Limits[]
}

/** So much that nobody is refused, however fast. */
const PLENTY = 1_000_000_000
const MINUTE = 60_000

const limits = (limit: number, windowMs = MINUTE): Limits => ({ limit, windowMs, maxKeys: 200_000 })

export const SCENARIOS: readonly Scenario[] = [
  { title: 'one hot key, allowed', keys: 1, limits: [limits(PLENTY)] },
  { title: 'one hot key, refused', keys: 1, limits: [limits(1)] },
  { title: '100,000 random keys, allowed', keys: 100_000, limits: [limits(PLENTY)] },
  {
    title: 'three policies, one hot key, allowed',
    keys: 1,
    limits: [limits(PLENTY, 1_000), limits(PLENTY), limits(PLENTY, 60 * MINUTE)],
  },
]

export interface Round {
  readonly ns: number
  readonly asked: number
  readonly admitted: number
}
