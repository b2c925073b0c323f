import { LRUCache } from 'lru-cache'
import type { Op, Reply } from '../algorithms/algorithm.js'
import type { OpResult, Outcome, Plan, PlannedPolicy } from '../store.js'
import type { StandIn } from './fallback.js'

/** The most policies of keys that are remembered. */
const MAX_ENTRIES = 10_000

interface Entry {
  readonly cost: number
  readonly limit: number
  readonly reply: Reply
  /** The store's clock when it answered, and ours around it, before asking and after. */
  readonly now: number
  readonly asked: number
  readonly answered: number
}

/** A refusal that is certain by what the store said `ageMs` ago, when it took `tookMs` to answer. */
export interface Denial extends StandIn {
  readonly ageMs: number
  readonly tookMs: number
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

  /** The refusal that the store would give, if that is certain. How old it may be is for the caller to say. */
  refusal(ops: readonly Op[], at: number): Denial | undefined {
    if (this.entries.size === 0) return undefined
    const apart = haveSeveralKeys(ops) ? this.apart : false
    if (apart === undefined) return undefined
    const results = new Array<OpResult>(ops.length)
    let passed = true
    let now = 0
    let oldest = at
    let tookMs = 0
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as Op
      const entry = this.entries.get(idOf(op))
      // A clock that was set back is the store's to judge.
      if (typeof entry !== 'object' || at < entry.asked) return undefined
      const { algorithm, shadow } = this.plan.policies[op.policy] as PlannedPolicy
      const latest = entry.now + Math.ceil(at - entry.asked)
      if (latest >= algorithm.holds(entry.reply)) return undefined
      const { waitMs } = algorithm.read(entry.reply, op, latest, false)
      const admitted = waitMs === 0
      const isOwn = entry.cost === op.cost && entry.limit === op.limit
      // That it refuses is certain, but not for how long: which charge frees enough, the reply says for its own op alone.
      if (algorithm.tellsOneWait && !isOwn && !admitted && waitMs !== null) return undefined
      if (!admitted && !shadow) passed = false
      const earliest = entry.now + Math.floor(at - entry.answered)
      results[i] = apart
        ? { passed: admitted, reply: entry.reply, now: earliest }
        : { passed: admitted, reply: entry.reply }
      now = Math.max(now, earliest)
      oldest = Math.min(oldest, entry.asked)
      tookMs = Math.max(tookMs, entry.answered - entry.asked)
    }
    if (passed) return undefined
    const denial = { source: 'deny-cache', now, passed, results, ageMs: at - oldest, tookMs } as const
    return apart ? { ...denial, results: byServer(ops, results), atomic: false } : denial
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

function haveSeveralKeys(ops: readonly Op[]): boolean {
  for (let i = 1; i < ops.length; i++) if (ops[i]?.key !== ops[0]?.key) return true
  return false
}

function idOf({ policy, key }: Pick<Op, 'policy' | 'key'>): string {
  return `${policy}:${key}`
}

/** Each by the latest that is known of its server's clock: policies of one key go by one. */
function byServer(ops: readonly Op[], results: readonly OpResult[]): OpResult[] {
  const clocks = new Map<string, number>()
  for (const [i, { key }] of ops.entries()) {
    clocks.set(key, Math.max(clocks.get(key) ?? 0, (results[i] as OpResult).now as number))
  }
  return results.map((result, i) => ({ ...result, now: clocks.get((ops[i] as Op).key) as number }))
}
