import { type Awaitable, after, isPromise } from './after.js'
import type { Op } from './algorithms/algorithm.js'
import { type CallOptions, type Keys, type LeftOut, resolve, resolveReset } from './call.js'
import { type Decision, decide, unlimited } from './decision.js'
import { SpillwayError, show } from './errors.js'
import { checkFunction, checkName, checkOptions } from './options.js'
import { fingerprint, isPolicy, type Policy } from './policy.js'
import { tell } from './report.js'
import { type Reservation, reservation } from './reservation.js'
import type { Apply, Mode, Outcome, Plan, Store, SyncStore } from './store.js'
import { memoryStore } from './stores/memory.js'

export interface LimiterOptions<Name extends string = string> {
  /** Names the stored state; required once a `store` is passed. Limiters of one name on one store are one pool. */
  name?: string
  /** At least one, by name. Names stand in headers: `[a-z][a-z0-9-]*`. */
  policies: Readonly<Record<Name, Policy>>
  /** Where state lives. @default memoryStore() of its own */
  store?: Store
  /** The clock that decides, epoch ms; for tests and simulations. @default the store's own */
  clock?: () => number
  /** Told of every decision of `consume` and `reserve`. What it throws is reported and changes no decision. */
  onDecision?: (decision: Decision<Name, Name>) => void
}

export interface Limiter<Name extends string = string> {
  readonly name: string
  readonly policies: Readonly<Record<Name, Policy>>
  readonly store: Store

  /**
   * Decides, and charges every policy or none.
   * Rejects with a SpillwayError on misuse only: `KEY_INVALID`, `COST_INVALID`, `LIMIT_INVALID`, `OPTION_UNKNOWN`.
   */
  consume<const K extends Keys<Name>, const O extends CallOptions<Name>>(
    keys: K,
    options?: O,
  ): Promise<Decision<Name, LeftOut<Name, K, O>>>
  /** What `consume` would answer now. Charges nothing. */
  peek<const K extends Keys<Name>, const O extends CallOptions<Name>>(
    keys: K,
    options?: O,
  ): Promise<Decision<Name, LeftOut<Name, K, O>>>
  /** Charges an estimate, to be settled once the true cost is known. A refusal is a value here too. */
  reserve<const K extends Keys<Name>, const O extends CallOptions<Name>>(
    keys: K,
    options?: O,
  ): Promise<Reservation<Name, LeftOut<Name, K, O>>>
  /** Forgets what was charged to a key, under every policy or under those named. */
  reset(keys: string | { readonly [N in Name]?: string | null }): Promise<void>
}

/** A limiter whose store answers at once. */
export interface SyncLimiter<Name extends string = string> extends Limiter<Name> {
  /** `consume` without a promise. @throws SpillwayError on misuse */
  consumeSync<const K extends Keys<Name>, const O extends CallOptions<Name>>(
    keys: K,
    options?: O,
  ): Decision<Name, LeftOut<Name, K, O>>
}

const OPTIONS = ['name', 'policies', 'store', 'clock', 'onDecision']

/**
 * Puts policies and a store together. A request under several policies is one atomic decision: check all, then charge all.
 * @throws SpillwayError on any misuse: a limiter that cannot limit never starts
 */
export function createLimiter<const Name extends string>(
  options: LimiterOptions<Name> & { store?: SyncStore },
): SyncLimiter<Name>
export function createLimiter<const Name extends string>(options: LimiterOptions<Name>): Limiter<Name>
export function createLimiter(options: LimiterOptions): Limiter {
  checkLimiterOptions(options)
  const { policies, store = memoryStore(), clock, onDecision } = options
  const plan: Plan = {
    name: options.name ?? 'default',
    policies: Object.entries(policies).map(([name, policy]) => ({ ...policy, name })),
  }
  claim(store, plan)
  const apply: Apply = store.prepare(plan)
  const time = clock === undefined ? undefined : () => checkTime(clock())

  const hasCalendar = plan.policies.some(({ edges }) => edges !== undefined)
  function withEdges(ops: readonly Op[], around: number): readonly Op[] {
    return ops.map((op) => ({ ...op, edges: plan.policies[op.policy]?.edges?.(around) }))
  }

  /** Asks the store; once more when its clock lay outside the calendar edges around ours. */
  function run(ops: readonly Op[], mode: Mode): Awaitable<Outcome> {
    const given = time?.()
    if (!hasCalendar) return ask(ops, mode, given)
    return after(ask(withEdges(ops, given ?? Date.now()), mode, given), (first) =>
      first.results.length > 0 ? first : ask(withEdges(ops, first.now), mode, given),
    )
  }

  function ask(ops: readonly Op[], mode: Mode, given: number | undefined): Awaitable<Outcome> {
    const outcome = apply(ops, mode, given)
    if (!isPromise(outcome)) return outcome
    return Promise.resolve(outcome).catch((cause) => {
      throw new SpillwayError('STORE_FAILED', `The store could not ${mode}: ${String(cause)}`, { cause })
    })
  }

  function conclude(ops: readonly Op[], outcome: Outcome): Decision {
    return report(decide(plan, ops, outcome))
  }

  function report(decision: Decision): Decision {
    if (onDecision !== undefined) void tell(onDecision, 'onDecision', decision)
    return decision
  }

  const nobody = () => unlimited((plan.policies[0] as Plan['policies'][number]).name, (time ?? Date.now)())

  const limiter = {
    name: plan.name,
    policies,
    store,

    async consume(keys: Keys, options?: CallOptions): Promise<Decision> {
      const ops = resolve(plan, keys, options)
      return ops.length === 0 ? report(nobody()) : conclude(ops, await run(ops, 'consume'))
    },

    async peek(keys: Keys, options?: CallOptions): Promise<Decision> {
      const ops = resolve(plan, keys, options)
      return ops.length === 0 ? nobody() : decide(plan, ops, await run(ops, 'peek'))
    },

    async reserve(keys: Keys, options?: CallOptions): Promise<Reservation> {
      const ops = resolve(plan, keys, options)
      if (ops.length === 0) return reservation(plan, report(nobody()), [], run)
      const outcome = await run(ops, 'consume')
      return reservation(plan, conclude(ops, outcome), charges(ops, outcome), run)
    },

    async reset(keys: string | Partial<Keys>): Promise<void> {
      const ops = resolveReset(plan, keys)
      if (ops.length > 0) await run(ops, 'reset')
    },
  }
  // Which policies a call may leave out is known to its types only.
  if (!store.sync) return limiter as Limiter

  const consumeSync = (keys: Keys, options?: CallOptions): Decision => {
    const ops = resolve(plan, keys, options)
    return ops.length === 0 ? report(nobody()) : conclude(ops, run(ops, 'consume') as Outcome)
  }
  return { ...limiter, consumeSync } as SyncLimiter

  /** The ops that were charged, each with the mark by which the store finds the charge again. */
  function charges(ops: readonly Op[], { passed, results }: Outcome): Op[] {
    if (!passed) return []
    return ops.flatMap((op, i) => {
      const { passed: alone, reply } = results[i] as Outcome['results'][number]
      const mark = plan.policies[op.policy]?.algorithm.mark(reply) as number
      return alone ? [{ ...op, mark }] : []
    })
  }
}

const LIMIT_HINTS = Object.fromEntries(
  ['limit', 'window', 'max', 'windowMs', 'points', 'duration'].map((option) => [
    option,
    'Limits belong to policies: `policies: { default: slidingWindow({ limit, window }) }`.',
  ]),
)

function checkLimiterOptions(options: LimiterOptions): void {
  checkOptions(options, OPTIONS, 'createLimiter', {
    ...LIMIT_HINTS,
    policy: 'Write `policies: { default: policy }`.',
    prefix: 'Write `name`.',
    keyPrefix: 'Write `name`.',
    keyGenerator: 'A key belongs to the call: `consume(key)`.',
    key: 'A key belongs to the call: `consume(key)`.',
    storeClient: 'Write `store: redisStore({ client })`, from @spillway/redis.',
  })
  const { name, policies, store, clock, onDecision } = options
  if (
    typeof policies !== 'object' ||
    policies === null ||
    Array.isArray(policies) ||
    Object.keys(policies).length === 0
  ) {
    throw new SpillwayError(
      'OPTION_MISSING',
      '`policies` must be a record with at least one policy: `{ default: slidingWindow({ limit: 100, window: "1m" }) }`.',
    )
  }
  for (const [policyName, policy] of Object.entries(policies)) {
    checkName(policyName, 'The policy')
    if (isPolicy(policy)) continue
    throw new SpillwayError(
      'POLICY_INVALID',
      `Policy '${policyName}' is ${show(policy)}: make it with slidingWindow(), tokenBucket(), quota() or another of core's policies.`,
    )
  }
  if (name !== undefined) checkName(name, 'The limiter')
  if (store !== undefined) {
    if (typeof store !== 'object' || store === null || typeof store.prepare !== 'function') {
      throw new SpillwayError(
        'OPTION_INVALID',
        `\`store\` is ${show(store)}: pass memoryStore() or another store.`,
      )
    }
    if (name === undefined) {
      throw new SpillwayError(
        'NAME_REQUIRED',
        'A limiter on a store that was passed needs a `name`: it keeps its state apart from that of other limiters.',
      )
    }
  }
  checkFunction(clock, 'clock')
  checkFunction(onDecision, 'onDecision')
}

const claims = new WeakMap<Store, Map<string, string>>()

/**
 * One name is one pool: the same configuration may come again, another one may not share its state by accident.
 * @throws SpillwayError `NAME_TAKEN`
 */
function claim(store: Store, plan: Plan): void {
  const names = claims.get(store) ?? new Map<string, string>()
  const configuration = JSON.stringify(plan.policies.map((policy) => [policy.name, fingerprint(policy)]))
  const taken = names.get(plan.name)
  if (taken !== undefined && taken !== configuration) {
    throw new SpillwayError(
      'NAME_TAKEN',
      `Another limiter named '${plan.name}' with other policies is on this store: give this one a name of its own.`,
    )
  }
  claims.set(store, names.set(plan.name, configuration))
}

/** The last moment that a `Date` can hold. */
const MAX_TIME = 8.64e15

function checkTime(now: number): number {
  if (Number.isInteger(now) && now >= 0 && now <= MAX_TIME) return now
  throw new SpillwayError(
    'CLOCK_INVALID',
    `The clock said ${show(now)}: it must give whole milliseconds since 1970.`,
  )
}
