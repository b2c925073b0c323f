import { MAX_COUNT, type Op } from './algorithms/algorithm.js'
import { SpillwayError, show } from './errors.js'
import { checkOptions, suggest } from './options.js'
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
export function resolve(plan: Plan, keys: Keys, options: CallOptions | undefined): Op[] {
  if (options !== undefined) checkOptions(options, ['cost', 'limit'], 'A call')
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

/** The keys that `reset` forgets: a record may name some of the policies. */
export function resolveReset(plan: Plan, keys: string | Partial<Keys>): Op[] {
  if (typeof keys !== 'string') checkRecord(plan, keys, 'key')
  return plan.policies.flatMap((policy, i) => {
    const key = forPolicy<string | null>(keys, policy.name) ?? null
    return key === null ? [] : [{ policy: i, key: checkKey(key, policy), cost: 0, limit: 1, fits: true }]
  })
}

/**
 * What each charged op is to be changed by, so that it comes to its actual cost. Ops that keep theirs are left out.
 * @throws SpillwayError `COST_INVALID`, `OPTION_UNKNOWN`
 */
export function resolveActual(plan: Plan, charged: readonly Op[], actual: PerPolicy<string>): Op[] {
  if (typeof actual === 'object') checkRecord(plan, actual, 'cost')
  for (const policy of plan.policies) checkCost(forPolicy(actual, policy.name) ?? 0, policy)
  return charged.flatMap((op) => {
    const units = forPolicy(actual, (plan.policies[op.policy] as PlannedPolicy).name) ?? op.cost
    return units === op.cost ? [] : [{ ...op, cost: units - op.cost }]
  })
}

const NONE: CallOptions = {}

/** What a policy is given: one value for all, or its own of a record. */
export function forPolicy<Value>(value: PerPolicy<string, Value>, name: string): Value | undefined {
  if (typeof value !== 'object' || value === null) return value as Value
  return Object.hasOwn(value, name) ? (value as Record<string, Value>)[name] : undefined
}

function limitFor(policy: PlannedPolicy, given: number | undefined): number {
  if (given === undefined || given === policy.limit) {
    if (policy.limit !== undefined) return policy.limit
    throw new SpillwayError(
      'LIMIT_INVALID',
      `Policy '${policy.name}' has no limit of its own: pass one with the call.`,
    )
  }
  if (given === 0 || given === Number.POSITIVE_INFINITY) return given
  if (policy.fixedLimit !== undefined) throw new SpillwayError('LIMIT_INVALID', `${policy.fixedLimit}.`)
  checkCount(given, `limit of policy '${policy.name}'`, 0)
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
