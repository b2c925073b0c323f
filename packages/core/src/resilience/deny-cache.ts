import { LRUCache } from 'lru-cache'
import type { Op, Reply } from '../algorithms/algorithm.js'
import type { OpResult, Outcome, Plan, PlannedPolicy } from '../store.js'

/** The most policies of keys that are remembered. */
const MAX_ENTRIES = 10_000

interface Entry {
  readonly cost: number
  readonly limit: number
  readonly reply: Reply
  /** The store's clock when it answered, and ours around it, before asking and after. */
  readonly now: number
  /** Whether that clock may not be the one of other entries. */
  readonly apart: boolean
  readonly asked: number
  readonly answered: number
  /** Whether a request went to the store to renew it. */
  renewing?: boolean
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Remembers refusals for a moment, and refuses the same again where the store must: a flood of refused requests costs it
 * almost nothing. Its own guess of the store's clock is never behind when it refuses, and never ahead when it says how long.
 */
export class DenyCache {
  private readonly plan: Plan
  private readonly maxAgeMs: number
  private readonly renewalMs: number
  /** By policy and key: a refusal, or when it was last forgotten. */
  private readonly entries = new LRUCache<string, Entry | number>({ max: MAX_ENTRIES })

  /** @param renewalMs how long the store may take to answer */
  constructor(plan: Plan, maxAgeMs: number, renewalMs: number) {
    this.plan = plan
    this.maxAgeMs = maxAgeMs
    this.renewalMs = renewalMs
  }

  /** The refusal that the store would give, if that is certain. */
  refusal(ops: readonly Op[], at: number): Outcome | undefined {
    if (this.entries.size === 0) return undefined
    const results: Mutable<OpResult>[] = []
    let [passed, apart, now] = [true, false, 0]
    for (const op of ops) {
      const entry = this.entries.get(idOf(op))
      if (typeof entry !== 'object' || entry.cost !== op.cost || entry.limit !== op.limit) return undefined
      const age = at - entry.asked
      // A clock that was set back is the store's to judge.
      if (age < 0 || this.isStale(entry, age)) return undefined
      const { algorithm, shadow } = this.plan.policies[op.policy] as PlannedPolicy
      const latest = entry.now + Math.ceil(age)
      if (latest >= algorithm.holds(entry.reply)) return undefined
      const { waitMs } = algorithm.read(entry.reply, op, latest, false)
      const admitted = waitMs !== null && waitMs <= 0
      if (!admitted && !shadow) passed = false
      const earliest = entry.now + Math.floor(at - entry.answered)
      results.push({ passed: admitted, reply: entry.reply, now: earliest })
      now = Math.max(now, earliest)
      apart ||= entry.apart
    }
    if (!apart) for (const result of results) result.now = now
    return passed ? undefined : { now, passed, results }
  }

  /** The first request that finds it so goes to the store; those that come before its answer are refused as before. */
  private isStale(entry: Entry, age: number): boolean {
    if (age < this.maxAgeMs) return false
    if (entry.renewing && age < this.maxAgeMs + this.renewalMs) return false
    entry.renewing = true
    return true
  }

  /** @param asked our clock before asking */
  remember(ops: readonly Op[], outcome: Outcome, asked: number, answered: number): void {
    for (const [i, { cost, limit, ...op }] of ops.entries()) {
      const id = idOf(op)
      const known = this.entries.get(id)
      if (typeof known === 'number' && known >= asked) continue
      const { reply, now } = outcome.results[i] as OpResult
      const clock = { now: now ?? outcome.now, apart: now !== undefined }
      this.entries.set(id, { cost, limit, reply, ...clock, asked, answered })
    }
  }

  /** After a charge: what is remembered is out of date. */
  drop(ops: readonly Op[]): void {
    if (this.entries.size === 0) return
    for (const op of ops) {
      const id = idOf(op)
      if (typeof this.entries.get(id) === 'object') this.entries.delete(id)
    }
  }

  /** After a reset or a refund: nor is what was asked before `at` to be remembered when its answer comes. */
  forget(ops: readonly Op[], at: number): void {
    for (const op of ops) this.entries.set(idOf(op), at)
  }
}

function idOf({ policy, key }: Pick<Op, 'policy' | 'key'>): string {
  return `${policy}:${key}`
}
