import { type Awaitable, after } from './after.js'
import type { Op } from './algorithms/algorithm.js'
import { type CallOptions, type Keys, type LeftOut, resolve, resolveReset } from './call.js'
import { type Decision, decide, unlimited } from './decision.js'
import type { Duration } from './duration.js'
import { SpillwayError, show } from './errors.js'
import { checkLimiterOptions, claim, guardOptions } from './limiter-options.js'
import type { Policy } from './policy.js'
import { tell } from './report.js'
import { type Reservation, reservation } from './reservation.js'
import type { Fallback } from './resilience/fallback.js'
import { type Answer, type GuardOptions, guarded } from './resilience/guard.js'
import type { Mode, OpResult, Outcome, Plan, Store, SyncStore } from './store.js'
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
  /** How long an asynchronous store may take for a decision; then the fallback decides. @default '50ms' */
  deadline?: Duration
  /**
   * What decides while an asynchronous store does not answer: `'local'`, a memory store that has seen what this process was
   * granted, so that n processes admit at most n times the limit; `'allow'`; or `'deny'`, by `LIMITER_UNAVAILABLE`.
   * @default 'local'
   */
  fallback?: Fallback
  /** How long a refusal of an asynchronous store is repeated without asking it, while it is certain; 0 for never. @default '1s' */
  denyCache?: Duration | 0
  /**
   * Told once when an asynchronous store stops answering, and again only after it has answered; and of state that nobody here
   * has written. @default console.error
   */
  onError?: (error: SpillwayError) => void
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
  const guard = guardOptions(options)
  const { policies, store = memoryStore(), clock, onDecision } = options
  const plan: Plan = {
    name: options.name ?? 'default',
    policies: Object.entries(policies).map(([name, policy]) => ({ ...policy, name })),
  }
  claim(store, plan)
  const { ask, clock: storeClock } = surround(store, plan, guard)
  const time = clock === undefined ? undefined : () => checkTime(clock())

  const hasCalendar = plan.policies.some(({ edges }) => edges !== undefined)
  function withEdges(ops: readonly Op[], around: number): readonly Op[] {
    return ops.map((op) => ({ ...op, edges: plan.policies[op.policy]?.edges?.(around) }))
  }

  /** Asks the store; once more when its clock lay outside the calendar edges around ours. */
  function run(ops: readonly Op[], mode: Mode, by: Ask = ask): Awaitable<Answer> {
    const given = time?.()
    if (!hasCalendar) return by(ops, mode, given)
    return after(by(withEdges(ops, given ?? storeClock()), mode, given), (first) =>
      first.results.length > 0 ? first : (first.by ?? by)(withEdges(ops, first.now), mode, given),
    )
  }

  function conclude(ops: readonly Op[], outcome: Answer): Decision {
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
      const settle = (changes: readonly Op[], mode: Mode) => run(changes, mode, outcome.by)
      return reservation(plan, conclude(ops, outcome), charges(ops, outcome), settle)
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
      const { passed: alone, reply } = results[i] as OpResult
      const mark = plan.policies[op.policy]?.algorithm.mark(reply) as number
      return alone ? [{ ...op, mark }] : []
    })
  }
}

type Ask = (ops: readonly Op[], mode: Mode, now?: number) => Awaitable<Answer>

/** A synchronous store as it is; around another one what it needs when it is slow, or gone. */
function surround(store: Store, plan: Plan, guard: GuardOptions): { ask: Ask; clock: () => number } {
  const apply = store.prepare(plan)
  return store.sync ? { ask: apply, clock: Date.now } : guarded(plan, apply, guard)
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
