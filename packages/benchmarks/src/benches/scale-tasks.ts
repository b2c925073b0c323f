import type { Limits } from '../subject.js'

export type StoreKind = 'memory' | 'redis' | 'cluster'

/** What one process is to ask. */
export interface Task {
  readonly store: StoreKind
  /** Of one Redis, or of the nodes of a Cluster. */
  readonly ports: readonly number[]
  readonly policies: number
  readonly keys: number
  /** So many charges lie in the window of a log at any time; without it, token buckets. */
  readonly entries?: number
  readonly concurrency: number
}

export interface Round {
  readonly asked: number
  /** By the clock, of this process's processor time, and of Redis' in scripts. */
  readonly ms: number
  readonly processorMs: number
  readonly redisMs: number
}

const PLENTY = 1_000_000_000
const WINDOWS_MS = [1, 10, 60, 300, 600, 1_200, 1_800, 3_600].map((seconds) => seconds * 1_000)

/** One for each policy, of other windows. */
export function limitsOf({ policies, keys }: Task): Limits[] {
  return WINDOWS_MS.slice(0, policies).map((windowMs) => ({ limit: PLENTY, windowMs, maxKeys: 2 * keys }))
}
