import type { Op, Reply } from './algorithms/algorithm.js'
import type { Policy } from './policy.js'

/** What stays the same for every decision of one limiter. */
export interface Plan {
  readonly name: string
  readonly policies: readonly PlannedPolicy[]
}

export interface PlannedPolicy extends Policy {
  readonly name: string
}

/**
 * What a store is asked to do with the ops of one decision.
 * - `consume`: check every op, then charge all, or, when one refuses, none. A refusal writes nothing, except a charge
 *   under `chargeRefused`, a penalty that begins, and the rebase of a state that is ahead of a clock set back.
 * - `peek`: the same answer, and nothing written.
 * - `adjust`: add `cost` to each op's key, or give it back when negative; never refused. Where its ops carry an `id`, which
 *   they then share, a store that has done it within the last {@link SETTLED_MS} does nothing again.
 * - `renew`, `release`: each op's lease, by its `id`; an op passes where the lease was still there.
 * - `reset`: forget each op's key.
 */
export type Mode = 'consume' | 'peek' | 'adjust' | 'renew' | 'release' | 'reset'

/** How long a store knows an adjustment again at least: one that may not have been heard is sent again within this time. */
export const SETTLED_MS = 60_000

export interface Outcome {
  /** The store's own clock, epoch ms, or the `now` it was given. */
  readonly now: number
  /** Whether every op passed; those of shadow policies do not count. */
  readonly passed: boolean
  /** One for each op, in order. Empty when the clock was outside the edges: nothing was done. */
  readonly results: readonly OpResult[]
  /** False where several servers decided, one after the other. @default true */
  readonly atomic?: boolean
  /** Whether something was charged and given back, so that the wait is a hint. */
  readonly compensated?: boolean
}

export interface OpResult {
  /** Whether this op alone passed. */
  readonly passed: boolean
  /** The state after the decision, in integers. */
  readonly reply: Reply
  /** The clock that decided on this op, where it is not the outcome's. */
  readonly now?: number
}

/** Of one decision: whether it is over, because its deadline was and something else has decided. */
export interface Attempt {
  readonly over: boolean
}

/**
 * Does what `mode` says with all ops at once: no other decision is seen in between, and either all is written or nothing.
 * @param now the clock to decide by; the store's own when absent
 * @param attempt looked at by a store that asks several times before it charges: once it is over, nothing is to be charged
 */
export type Apply = (
  ops: readonly Op[],
  mode: Mode,
  now?: number,
  attempt?: Attempt,
) => Outcome | Promise<Outcome>

/** Where state lives. {@link Store.prepare} is called once per limiter; plans of one name share their state. */
export interface Store {
  readonly sync: boolean
  prepare(plan: Plan): Apply
}

/** A store that answers at once, and so gives its limiters `consumeSync`. */
export interface SyncStore extends Store {
  readonly sync: true
  prepare(plan: Plan): SyncApply
}

export type SyncApply = (ops: readonly Op[], mode: Mode, now?: number) => Outcome
