import type { Limits } from '../subject.js'

export interface Scenario {
  readonly title: string
  readonly keys: number
  /** So many decisions are under way at any time. */
  readonly concurrency: number
  /** One policy, or several. */
  readonly limits: readonly Limits[]
}

/** So much that nobody is refused, however fast. */
const PLENTY = 1_000_000_000
const MINUTE = 60_000
const KEYS = 10_000

const limits = (limit: number, windowMs = MINUTE): Limits => ({ limit, windowMs, maxKeys: 2 * KEYS })
const ONE = [limits(PLENTY)]

export const FLOOD = 'refused flood, one key'

export const SCENARIOS: readonly Scenario[] = [
  { title: 'one after the other, one key', keys: 1, concurrency: 1, limits: ONE },
  {
    title: 'one after the other, three policies',
    keys: 1,
    concurrency: 1,
    limits: [limits(PLENTY, 1_000), limits(PLENTY), limits(PLENTY, 60 * MINUTE)],
  },
  { title: '512 at once, one key', keys: 1, concurrency: 512, limits: ONE },
  { title: '512 at once, 10,000 random keys', keys: KEYS, concurrency: 512, limits: ONE },
  { title: FLOOD, keys: 1, concurrency: 512, limits: [limits(1)] },
]

export interface Round {
  readonly ms: number
  readonly asked: number
  readonly admitted: number
  /** That Redis was sent. */
  readonly commands: number
}
