import { MAX_COUNT, type Op } from './algorithms/algorithm.js'
import { SpillwayError, show } from './errors.js'
import { checkBoolean, checkOptions, suggest } from './options.js'
import { checkCount } from './policy.js'
import type { Plan, PlannedPolicy } from './store.js'

/** Who is limited: one key for every policy, or one for each; `null` leaves a policy out of this decision. */
export type Keys<Name extends string = string> = string | { readonly [N in Name]: string | null }

/** One number for every policy, or one for some of them. */
export type PerPolicy<Name extends string, Value = number> = Value | { readonly [N in Name]?: Value }

export interface CallOptions<Name extends string = string> {
  /** Units to charge; 0 only asks whether the policy is in debt. @default 1 */
  readonly cost?: PerPolicy<Name> | undefined
  /** The caller's own limit: 0 refuses, `Infinity` leaves the policy out, `undefined` is the policy's own. */
  readonly limit?: PerPolicy<Name, number | undefined> | undefined
}

export interface ReserveOptions<Name extends string = string> extends CallOptions<Name> {
  /** Ends the wait for a slot (`queue`): the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Whether to wait for a slot where a policy has a `queue`. @default true */
  readonly wait?: boolean | undefined
}

/** Policies that a call may leave out, by its keys and its limits. */
export type LeftOut<Name extends string, K, O> =
  | (K extends string
      ? never
      : { [N in Name]: N extends keyof K ? (null extends K[N] ? N : never) : never }[Name])
  | (O extends { readonly limit: infer L }
      ? L extends number | undefined
        ? Name
        : Extract<keyof L, Name>
      : never)

/**
 * The ops of one decision.
 * @throws SpillwayError `KEY_INVALID`, `COST_INVALID`, `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `RATE_UNREACHABLE`, `OPTION_UNKNOWN`
 */
export function resolve(
  plan: Plan,
  keys: Keys,
  options: CallOptions | undefined,
  known: readonly string[] = CALL,
): Op[] {
  if (options === undefined && typeof keys === 'string' && keys !== '') return ownOps(plan, keys)
  return resolveEach(plan, keys, options, known)
}

/** Any other call. By itself, so that the commonest one is small enough to become a part of its caller. */
function resolveEach(
  plan: Plan,
  keys: Keys,
  options: CallOptions | undefined,
  known: readonly string[],
): Op[] {
  if (options !== undefined) checkOptions(options, known, 'A call')
  const { cost, limit } = options ?? NONE
  if (typeof keys !== 'string') checkRecord(plan, keys, 'key', true)
  if (typeof cost === 'object' && cost !== null) checkRecord(plan, cost, 'cost')
  if (typeof limit === 'object' && limit !== null) checkRecord(plan, limit, 'limit')

  const ops: Op[] = []
  for (let i = 0; i < plan.policies.length; i++) {
    const policy = plan.policies[i] as PlannedPolicy
    const key = typeof keys === 'string' ? keys : (keys as Record<string, string | null>)[policy.name]
    if (key === null) continue
    checkKey(key, policy)
    const inForce = limitFor(policy, forPolicy(limit, policy.name))
    if (inForce === Number.POSITIVE_INFINITY) continue
    const given = forPolicy(cost, policy.name)
    const units = given === undefined ? 1 : given
    if (units !== 1) checkCost(units, policy)
    ops.push({
      policy: i,
      key: key as string,
      cost: units,
      limit: inForce,
      fits: inForce > 0 && units <= policy.algorithm.capacity(inForce),
    })
  }
  return ops
}

/** The commonest call: one key, and of each policy one unit, for which its own limit always has room. */
function ownOps({ policies }: Plan, key: string): Op[] {
  // `map` would take as long again as the op itself.
  if (policies.length === 1) return [ownOp(policies[0] as PlannedPolicy, 0, key)]
  return policies.map((policy, place) => ownOp(policy, place, key))
}

function ownOp(policy: PlannedPolicy, place: number, key: string): Op {
  return { policy: place, key, cost: 1, limit: ownLimit(policy), fits: true }
}

/**
 * The ops of a reservation.
 * @throws SpillwayError as {@link resolve} does, and `OPTION_INVALID`
 */
export function resolveReserve(plan: Plan, keys: Keys, options: ReserveOptions | undefined): Op[] {
  const ops = resolve(plan, keys, options, RESERVE)
  const signal: unknown = options?.signal
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new SpillwayError('OPTION_INVALID', `\`signal\` is ${show(signal)}: it must be an AbortSignal.`)
  }
  checkBoolean(options?.wait, 'wait')
  return ops
}

/** The same, where those that take a slot know by which id: another one each time that they are asked for. */
export function withId(plan: Plan, ops: readonly Op[]): readonly Op[] {
  if (ops.every((op) => !takesSlot(plan, op))) return ops
  const id = newId()
  // The new property first, as in `withEdges` of the limiter.
  return ops.map((op) => (takesSlot(plan, op) ? { id, ...op } : op))
}

/**
 * The ops of a decision that nothing will end: none may take a slot.
 * @throws SpillwayError as {@link resolve} does, and `RESERVE_REQUIRED`
 */
export function resolveConsume(plan: Plan, keys: Keys, options: CallOptions | undefined): Op[] {
  const ops = resolve(plan, keys, options)
  for (const op of ops) if (takesSlot(plan, op)) throw reserveRequired(plan, op)
  return ops
}

function reserveRequired(plan: Plan, op: Op): SpillwayError {
  const { name } = plan.policies[op.policy] as PlannedPolicy
  return new SpillwayError(
    'RESERVE_REQUIRED',
    `Policy '${name}' holds a slot, which \`consume\` could never release: write \`const held = await limiter.reserve(key)\` and \`await held.settle()\` when the work is done.`,
  )
}

function takesSlot(plan: Plan, { policy }: Op): boolean {
  return plan.policies[policy]?.algorithm.lease !== undefined
}

/** Whose lease, or which adjustment: no two within the time that a store remembers are the same. */
export function newId(): number {
  return 1 + Math.floor(Math.random() * MAX_COUNT)
}

/** The keys that `reset` forgets: a record may name some of the policies. */
export function resolveReset(plan: Plan, keys: string | Partial<Keys>): Op[] {
  if (typeof keys !== 'string') checkRecord(plan, keys, 'key')
  return plan.policies.flatMap((policy, i) => {
    const key = forPolicy<string | null>(keys, policy.name) ?? null
    return key === null ? [] : [{ policy: i, key: checkKey(key, policy), cost: 0, limit: 1, fits: true }]
  })
}

/**
 * Checks the units that a reservation is settled by, or that were produced.
 * @throws SpillwayError `COST_INVALID`, `OPTION_UNKNOWN`
 */
export function checkUnits(plan: Plan, units: unknown): asserts units is PerPolicy<string> {
  if (typeof units === 'number') {
    for (const policy of plan.policies) checkCost(units, policy)
    return
  }
  if (typeof units !== 'object' || units === null || Array.isArray(units)) {
    throw new SpillwayError(
      'COST_INVALID',
      `The units are ${show(units)}: write a whole number, or a record of them by policy.`,
    )
  }
  checkRecord(plan, units, 'cost')
  for (const policy of plan.policies) {
    if (!Object.hasOwn(units, policy.name)) continue
    if (policy.algorithm.lease !== undefined) {
      throw new SpillwayError(
        'COST_INVALID',
        `Policy '${policy.name}' holds a slot, which settling releases whole: leave it out of the costs.`,
      )
    }
    // Undefined too: a usage that was not told would settle nothing, and nobody would know.
    checkCost((units as Record<string, unknown>)[policy.name], policy)
  }
}

const CALL = ['cost', 'limit']
const RESERVE = [...CALL, 'signal', 'wait']
const NONE: CallOptions = {}

/** What a policy is given: one value for all, or its own of a record. */
export function forPolicy<Value>(value: PerPolicy<string, Value>, name: string): Value | undefined {
  if (typeof value !== 'object' || value === null) return value as Value
  return Object.hasOwn(value, name) ? (value as Record<string, Value>)[name] : undefined
}

function ownLimit({ limit, name }: PlannedPolicy): number {
  if (limit !== undefined) return limit
  throw new SpillwayError(
    'LIMIT_INVALID',
    `Policy '${name}' has no limit of its own: pass one with the call, \`{ limit: 100 }\`.`,
  )
}

function limitFor(policy: PlannedPolicy, given: number | undefined): number {
  if (given === undefined || given === policy.limit) return ownLimit(policy)
  if (given === 0 || given === Number.POSITIVE_INFINITY) return given
  if (policy.fixedLimit !== undefined) throw new SpillwayError('LIMIT_INVALID', `${policy.fixedLimit}.`)
  checkCount(given, 'limit', 0, ` of policy '${policy.name}'`)
  policy.algorithm.check(given)
  return given
}

/** @throws SpillwayError `COST_INVALID` */
function checkCost(cost: unknown, { name }: PlannedPolicy): void {
  if (
    Number.isInteger(cost) &&
    (cost as number) >= 0 &&
    (cost as number) <= MAX_COUNT &&
    !Object.is(cost, -0)
  )
    return
  throw new SpillwayError(
    'COST_INVALID',
    `The cost for policy '${name}' is ${show(cost)}: it must be a whole number, 0 or more; count smaller units instead of fractions.`,
  )
}

function checkRecord(plan: Plan, record: unknown, what: string, complete = false): void {
  if (typeof record !== 'object' || record === null) {
    throw new SpillwayError(
      'KEY_INVALID',
      `The ${what} is ${show(record)}: pass a string, or a record of them by policy.`,
    )
  }
  const names = plan.policies.map(({ name }) => name)
  for (const name of Object.keys(record)) {
    if (names.includes(name)) continue
    throw new SpillwayError(
      'OPTION_UNKNOWN',
      `The ${what} record names no policy of this limiter by \`${name}\`. ${suggest(name, names)}`,
    )
  }
  const missing = complete ? names.find((name) => !Object.hasOwn(record, name)) : undefined
  if (missing === undefined) return
  throw new SpillwayError(
    'KEY_INVALID',
    `The key record leaves out policy '${missing}': give it a key, or null to leave it out of this decision.`,
  )
}

/** @throws SpillwayError `KEY_INVALID` */
function checkKey(key: unknown, { name }: PlannedPolicy): string {
  if (typeof key === 'string' && key !== '') return key
  throw new SpillwayError(
    'KEY_INVALID',
    `The key for policy '${name}' is ${show(key)}: it must be a string that is not empty; null leaves the policy out.`,
  )
}
