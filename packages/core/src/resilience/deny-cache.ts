import { LRUCache } from 'lru-cache'
import type { Op, Reply } from '../algorithms/algorithm.js'
import type { OpResult, Outcome, Plan, PlannedPolicy } from '../store.js'

/** The most policies of keys that are remembered. */
const MAX_ENTRIES = 10_000

/** An answer may come so much later than its deadline: what timers and our own event loop take. */
const SLACK_MS = 10

interface Entry {
  readonly cost: number
  readonly limit: number
  readonly reply: Reply
  /** The store's clock when it answered, and ours around it, before asking and after. */
  readonly now: number
  readonly asked: number
  readonly answered: number
  /** Whether a request went to the store to renew it. */
  renewing?: boolean
}

/**
 * Remembers refusals for a moment, and refuses the same again where the store must: a flood of refused requests costs it
 * almost nothing. Its own guess of the store's clock is never behind when it refuses, and never ahead when it says how long.
 */
export class DenyCache {
  private readonly plan: Plan
  /** By policy and key: a refusal, or when it was last forgotten. */
  private readonly entries = new LRUCache<string, Entry | number>({ max: MAX_ENTRIES })
  /** Whether the keys of one decision lie on servers apart: known once the store has decided by several. */
  private apart: boolean | undefined

  constructor(plan: Plan) {
    this.plan = plan
  }

  /**
   * The refusal that the store would give, if that is certain.
   * @param renewMs the age at which one request goes to the store all the same
   */
  refusal(ops: readonly Op[], at: number, maxAgeMs: number, renewMs: number): Outcome | undefined {
    if (this.entries.size === 0) return undefined
    const entries = this.fresh(ops, at, maxAgeMs)
    if (entries === undefined || isToRenew(entries, at, renewMs)) return undefined
    const apart = haveSeveralKeys(ops) ? this.apart : false
    if (apart === undefined) return undefined
    const results: OpResult[] = []
    const clocks = new Map<string, number>()
    let passed = true
    for (const [i, op] of ops.entries()) {
      const entry = entries[i] as Entry
      const { algorithm, shadow } = this.plan.policies[op.policy] as PlannedPolicy
      const latest = entry.now + Math.ceil(at - entry.asked)
      if (latest >= algorithm.holds(entry.reply)) return undefined
      const { waitMs } = algorithm.read(entry.reply, op, latest, false)
      const admitted = waitMs === 0
      const isOwn = entry.cost === op.cost && entry.limit === op.limit
      // That it refuses is certain, but not for how long: which charge frees enough, the reply says for its own op alone.
      if (algorithm.tellsOneWait && !isOwn && !admitted && waitMs !== null) return undefined
      if (!admitted && !shadow) passed = false
      results.push({ passed: admitted, reply: entry.reply })
      const earliest = entry.now + Math.floor(at - entry.answered)
      const server = apart ? op.key : ''
      clocks.set(server, Math.max(clocks.get(server) ?? 0, earliest))
    }
    if (passed) return undefined
    const now = Math.max(...clocks.values())
    if (!apart) return { now, passed, results }
    const own = ops.map(({ key }, i) => ({ ...(results[i] as OpResult), now: clocks.get(key) as number }))
    return { now, passed, results: own, atomic: false }
  }

  /** What is remembered of these ops, if nothing is missing or too old. */
  private fresh(ops: readonly Op[], at: number, maxAgeMs: number): readonly Entry[] | undefined {
    const entries: Entry[] = []
    for (const op of ops) {
      const entry = this.entries.get(idOf(op))
      if (typeof entry !== 'object') return undefined
      const age = at - entry.asked
      // A clock that was set back is the store's to judge.
      if (age < 0 || age >= maxAgeMs) return undefined
      entries.push(entry)
    }
    return entries
  }

  /** @param asked our clock before asking */
  remember(ops: readonly Op[], outcome: Outcome, asked: number, answered: number): void {
    if (haveSeveralKeys(ops)) this.apart = outcome.atomic === false
    for (const [i, { cost, limit, ...op }] of ops.entries()) {
      const id = idOf(op)
      const known = this.entries.get(id)
      if (typeof known === 'number' && known >= asked) continue
      const { reply, now = outcome.now } = outcome.results[i] as OpResult
      this.entries.set(id, { cost, limit, reply, now, asked, answered })
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

/**
 * The age at which a refusal is asked for again: so early that the answer is there before it is too old, if it comes in
 * time at all, and no earlier than at half of its life.
 */
export function renewedAt(maxAgeMs: number, deadlineMs: number): number {
  return Math.max(maxAgeMs / 2, maxAgeMs - deadlineMs - SLACK_MS)
}

/** The first request that finds one old goes to the store for all; those before its answer are refused as before. */
function isToRenew(entries: readonly Entry[], at: number, renewMs: number): boolean {
  const old = entries.filter(({ renewing, asked }) => !renewing && at - asked >= renewMs)
  for (const entry of old) entry.renewing = true
  return old.length > 0
}

function haveSeveralKeys(ops: readonly Op[]): boolean {
  return ops.some(({ key }) => key !== ops[0]?.key)
}

function idOf({ policy, key }: Pick<Op, 'policy' | 'key'>): string {
  return `${policy}:${key}`
}
