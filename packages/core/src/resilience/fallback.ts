import type { Op } from '../algorithms/algorithm.js'
import type { Mode, Outcome, Plan } from '../store.js'
import { memoryStore } from '../stores/memory.js'
import { transition } from '../transition.js'

/**
 * What decides while the store does not answer: a memory store of this process, which has seen all that this process was
 * granted, or nobody, one way or the other.
 */
export type Fallback = 'local' | 'allow' | 'deny'

/** An outcome of something else than the store. */
export interface StandIn extends Outcome {
  readonly source: 'deny-cache' | 'local' | 'fallback'
  /** Nobody can tell: until the store may be asked again. */
  readonly unavailableMs?: number
  /** What decided, to be asked again about this very decision, and to be told of its settlement. */
  readonly by?: (ops: readonly Op[], mode: Mode, now?: number) => StandIn
}

interface Substitute {
  /** @param now the clock to decide by; as far as we know the store's own when absent */
  decide(ops: readonly Op[], mode: Mode, now?: number): StandIn
  /** Keeps the local store warm: what the store granted, changed or forgot, it does too. */
  follow(ops: readonly Op[], mode: Mode, outcome: Outcome): void
}

/** A client that is sent away for our own trouble comes back no sooner. */
const LEAST_WAIT_MS = 1000

/**
 * @param clock the store's, as far as we know
 * @param probeMs until the store is tried again
 */
export function fallbackTo(
  fallback: Fallback,
  plan: Plan,
  clock: () => number,
  probeMs: () => number,
): Substitute {
  const local = fallback === 'local' ? memoryStore().prepare(plan) : undefined

  function decide(ops: readonly Op[], mode: Mode, now: number = clock()): StandIn {
    if (local !== undefined) return { ...local(ops, mode, now), source: 'local', by: decide }
    if (mode === 'adjust') throw new Error('nobody counted')
    // As if nothing had ever been charged. A limit of 0 refuses all the same, and so does a cost that no limit holds.
    const states = ops.map(() => undefined)
    const outcome = transition(plan.policies, ops, 'peek', states, now)
    const answer = { ...outcome, source: 'fallback', by: decide } as const
    if (fallback === 'allow' || !outcome.passed) return answer
    return { ...answer, passed: false, unavailableMs: Math.max(LEAST_WAIT_MS, Math.ceil(probeMs())) }
  }

  return {
    decide,

    follow(ops, mode, { now, passed }) {
      if (passed && mode !== 'peek') local?.(ops, mode, now)
    },
  }
}
