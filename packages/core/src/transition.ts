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
  if (mode === 'consume') return written(consume(policies, ops, (_, i) => loaded[i], now))
  if (mode === 'peek') {
    return { ...written(consume(policies, ops, (_, i) => loaded[i]?.slice(), now)), writes: [] }
  }
  if (isOutside(ops, now)) return { now, passed: false, results: [], writes: [] }
  if (mode === 'adjust') return adjust(policies, ops, loaded, now)
  return mode === 'reset' ? reset(policies, ops, now) : holdOrRelease(policies, ops, mode, loaded, now)
}

/** Whether the calendar edges that were sent are not those around `now`. */
export function isOutside(ops: readonly Op[], now: number): boolean {
  for (let i = 0; i < ops.length; i++) {
    const { edges } = ops[i] as Op
    if (edges !== undefined && (now < edges[0] || now >= edges[3])) return true
  }
  return false
}

/** The result of one op of a `consume`, and what became of its state. */
export interface Step extends OpResult {
  readonly state: State
  /** Whether the key had a state before. */
  readonly found: boolean
  /** Whether the state is to be written. */
  readonly written: boolean
}

interface Consumed extends Outcome {
  readonly results: readonly Step[]
}

function written({ now, passed, results }: Consumed): Transition {
  return {
    now,
    passed,
    results: results.map(({ passed, reply }) => ({ passed, reply })),
    writes: results.map(({ state, written }) => (written ? state : undefined)),
  }
}

/** Checks every op, then charges all or none. It asks for each state once, and changes it in place. */
export function consume(
  policies: readonly PlannedPolicy[],
  ops: readonly Op[],
  load: (op: Op, i: number) => State | undefined,
  now: number,
): Consumed {
  if (isOutside(ops, now)) return { now, passed: false, results: [] }
  // Of its full length at once: an array that grows makes room for many more.
  const results = new Array<Mutable<Step>>(ops.length)
  let passed = true
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i] as Op
    const policy = policyOf(policies, op)
    const step = check(policy, op, load(op, i), now)
    if (!step.passed && !policy.shadow) passed = false
    results[i] = step
  }
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i] as Op
    charge(policyOf(policies, op), op, results[i] as Mutable<Step>, passed, now)
  }
  return { now, passed, results }
}

/** The same for one op, the commonest decision, which needs no loop. The caller has looked at the edges. */
export function consumeOne(
  policies: readonly PlannedPolicy[],
  op: Op,
  found: State | undefined,
  now: number,
): Consumed {
  const policy = policyOf(policies, op)
  const step = check(policy, op, found, now)
  charge(policy, op, step, step.passed, now)
  return { now, passed: step.passed || policy.shadow, results: [step] }
}

function check({ algorithm }: PlannedPolicy, op: Op, found: State | undefined, now: number): Mutable<Step> {
  const state = found ?? algorithm.empty()
  const written = algorithm.rebase(state, op, now)
  const passed = op.fits && algorithm.admits(state, op, now)
  // The state itself stands in for the reply until all are checked.
  return { passed, reply: state, state, found: found !== undefined, written }
}

function charge(
  { algorithm, chargeRefused }: PlannedPolicy,
  op: Op,
  step: Mutable<Step>,
  passed: boolean,
  now: number,
): void {
  const { state } = step
  const charged = passed && step.passed
  if (op.cost > 0 && op.fits) {
    if (charged) algorithm.charge(state, op, now)
    else if (chargeRefused) algorithm.chargeRefused(state, op, now)
    const punished = !step.passed && algorithm.punish?.(state, now) === true
    if (charged || chargeRefused || punished) step.written = true
  }
  step.reply = algorithm.reply(state, op, now)
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
