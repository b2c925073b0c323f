import type { Op, State } from './algorithms/algorithm.js'
import type { Mode, OpResult, Outcome, PlannedPolicy } from './store.js'

/** What to write for one key: its new state, `null` to forget it, `undefined` to leave it as it is. */
export type Write = State | null | undefined

/** An outcome, and what the store must write for it: all of it or nothing. */
export interface Transition extends Outcome {
  /** One for each op, in order; empty when nothing is to be written. */
  readonly writes: readonly Write[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const NOTHING: readonly Write[] = []

/**
 * Does what {@link Mode} says with the states that a store has loaded, `undefined` where a key has none: all of a store's
 * `apply` except the loading and the writing. It changes the loaded states in place, though not in a peek.
 * @param policies those of the plan
 * @param loaded one state for each op, in order
 * @param now the clock to decide by, epoch ms
 */
export function transition(
  policies: readonly PlannedPolicy[],
  ops: readonly Op[],
  mode: Mode,
  loaded: readonly (State | undefined)[],
  now: number,
): Transition {
  if (ops.some(({ edges }) => edges && (now < edges[0] || now >= edges[3]))) {
    return { now, passed: false, results: [], writes: NOTHING }
  }
  if (mode === 'consume') return consume(policies, ops, loaded, now)
  if (mode === 'peek') {
    const { passed, results } = consume(policies, ops, copies(loaded), now)
    return { now, passed, results, writes: NOTHING }
  }
  if (mode === 'adjust') return adjust(policies, ops, loaded, now)
  return mode === 'reset' ? reset(policies, ops, now) : holdOrRelease(policies, ops, mode, loaded, now)
}

/** Checks every op, then charges all or none. */
function consume(
  policies: readonly PlannedPolicy[],
  ops: readonly Op[],
  loaded: readonly (State | undefined)[],
  now: number,
): Transition {
  const writes: Write[] = []
  const results: Mutable<OpResult>[] = []
  let passed = true
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i] as Op
    const { algorithm, shadow } = policyOf(policies, op)
    const found = loaded[i]
    const state = found ?? algorithm.empty()
    const rebased = algorithm.rebase(state, op, now)
    const admitted = op.fits && algorithm.admits(state, op, now)
    if (!admitted && !shadow) passed = false
    writes.push(rebased ? state : undefined)
    // The state itself stands in for the reply until all are checked.
    results.push({ passed: admitted, reply: state })
  }

  for (let i = 0; i < ops.length; i++) {
    const op = ops[i] as Op
    const { algorithm, chargeRefused } = policyOf(policies, op)
    const result = results[i] as Mutable<OpResult>
    const state = result.reply as State
    const charged = passed && result.passed
    if (op.cost > 0 && op.fits) {
      if (charged) algorithm.charge(state, op, now)
      else if (chargeRefused) algorithm.chargeRefused(state, op, now)
      const punished = !result.passed && algorithm.punish?.(state, now) === true
      if (charged || chargeRefused || punished) writes[i] = state
    }
    result.reply = algorithm.reply(state, op, now)
  }
  return { now, passed, results, writes }
}

/** Gives back, or charges whatever is left. A key without a state has nothing to give back. */
function adjust(
  policies: readonly PlannedPolicy[],
  ops: readonly Op[],
  loaded: readonly (State | undefined)[],
  now: number,
): Transition {
  const writes: Write[] = []
  const results = ops.map((op, i) => {
    const { algorithm } = policyOf(policies, op)
    const found = loaded[i]
    const state = found ?? algorithm.empty()
    if (op.cost < 0) algorithm.refund(state, op, now)
    else if (op.cost > 0) algorithm.charge(state, op, now)
    writes.push(op.cost > 0 || (op.cost < 0 && found !== undefined) ? state : undefined)
    return { passed: true, reply: algorithm.reply(state, op, now) }
  })
  return { now, passed: true, results, writes }
}

/** Renews leases or releases them, each by itself. */
function holdOrRelease(
  policies: readonly PlannedPolicy[],
  ops: readonly Op[],
  mode: 'renew' | 'release',
  loaded: readonly (State | undefined)[],
  now: number,
): Transition {
  const writes: Write[] = []
  const results = ops.map((op, i) => {
    const { algorithm } = policyOf(policies, op)
    const state = loaded[i] ?? algorithm.empty()
    const passed = algorithm.lease?.[mode](state, op, now) === true
    writes.push(passed ? state : undefined)
    return { passed, reply: algorithm.reply(state, op, now) }
  })
  return { now, passed: results.every(({ passed }) => passed), results, writes }
}

function reset(policies: readonly PlannedPolicy[], ops: readonly Op[], now: number): Transition {
  const results = ops.map((op) => {
    const { algorithm } = policyOf(policies, op)
    return { passed: true, reply: algorithm.reply(algorithm.empty(), op, now) }
  })
  return { now, passed: true, results, writes: ops.map(() => null) }
}

function policyOf(policies: readonly PlannedPolicy[], op: Op): PlannedPolicy {
  return policies[op.policy] as PlannedPolicy
}

function copies(states: readonly (State | undefined)[]): (State | undefined)[] {
  return states.map((state) => state?.slice())
}
