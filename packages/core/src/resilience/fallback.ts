import type { Op } from '../algorithms/algorithm.js'
import type { Mode, Outcome, Plan } from '../store.js'
import { transition } from '../transition.js'
import { Local } from './local.js'
import type { Pool } from './shared.js'

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
  /** Whether the store may have done what it was asked all the same. */
  readonly isDoubtful?: boolean
  /** What decided, to be asked again about this very decision, and to be told of its settlement. */
  readonly by?: Decide
}

type Decide = (ops: readonly Op[], mode: Mode, now?: number) => StandIn

/** A client that is sent away for our own trouble comes back no sooner. */
const LEAST_WAIT_MS = 1000

/**
 * @param clock the store's, as far as we know; it decides where no `now` is given
 * @param probeMs until the store is tried again
 */
export function fallbackTo(
  fallback: Fallback,
  plan: Plan,
  pool: Pool,
  clock: () => number,
  probeMs: () => number,
): Decide {
  if (fallback === 'local') pool.local ??= new Local(plan)
  const local = fallback === 'local' ? pool.local : undefined

  return function decide(ops, mode, now = clock()) {
    if (local !== undefined) return { ...local.apply(ops, mode, now), source: 'local', by: decide }
    if (mode !== 'consume' && mode !== 'peek') throw new Error('nobody counted')
    // As if nothing had ever been charged. A limit of 0 refuses all the same, and so does a cost that no limit holds.
    const states = ops.map(() => undefined)
    const outcome = transition(plan.policies, ops, 'peek', states, now)
    const answer = { ...outcome, source: 'fallback', by: decide } as const
    if (fallback === 'allow' || !outcome.passed) return answer
    return { ...answer, passed: false, unavailableMs: Math.max(LEAST_WAIT_MS, Math.ceil(probeMs())) }
  }
}
