import { type Awaitable, after, isPromise } from './after.js'
import type { Op } from './algorithms/algorithm.js'
import {
  type CallOptions,
  type Keys,
  type LeftOut,
  type ReserveOptions,
  resolve,
  resolveConsume,
  resolveReserve,
  resolveReset,
  withId,
} from './call.js'
import { type Decision, decide, unlimited } from './decision.js'
import type { Duration } from './duration.js'
import { SpillwayError, show } from './errors.js'
import { type Explanation, explain } from './explain.js'
import { checkLimiterOptions, claim, guardOptions } from './limiter-options.js'
import type { Policy } from './policy.js'
import { tell } from './report.js'
import { Held, type Reservation } from './reservation.js'
import type { Fallback } from './resilience/fallback.js'
import { type Answer, type GuardOptions, guarded } from './resilience/guard.js'
import type { Mode, Outcome, Plan, Store, SyncStore } from './store.js'
import { memoryStore } from './stores/memory.js'
import { type Warning, Warnings } from './warnings.js'

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
  /**
   * Told when a key has come near its limit (`warnAt` of its policy), by the process whose charge has reached the mark: by each
   * process once per key and window. What it throws is reported and changes no decision.
   */
  onWarn?: (warning: Warning<Name>) => void
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
   * Rejects with a SpillwayError on misuse only: `KEY_INVALID`, `COST_INVALID`, `LIMIT_INVALID`, `OPTION_UNKNOWN`, and
   * `RESERVE_REQUIRED` where a policy holds slots.
   */
  consume<const K extends Keys<Name>, const O extends CallOptions<Name>>(
    keys: K,
    options?: O,
  ): Promise<Decision<Name, LeftOut<Name, K, O>>>
  /** What `consume` would answer now, the wait of a `penalty` that it would begin too. Charges nothing. */
  peek<const K extends Keys<Name>, const O extends CallOptions<Name>>(
    keys: K,
    options?: O,
  ): Promise<Decision<Name, LeftOut<Name, K, O>>>
  /**
   * How every policy stands to these keys, in numbers and in words: which one would refuse and why, and which have no part.
   * Charges nothing. Rejects as `peek` does.
   */
  explain(keys: Keys<Name>, options?: CallOptions<Name>): Promise<Explanation<Name>>
  /**
   * Charges an estimate, to be settled once the true cost is known, and takes the slots of `concurrency` policies. A refusal
   * is a value here too. Waits for a slot where a policy has a `queue`.
   * Rejects as `consume` does, and with the reason of a signal that aborts the wait.
   */
  reserve<const K extends Keys<Name>, const O extends ReserveOptions<Name>>(
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
  /** `reserve` without a promise; it does not wait for a slot. @throws SpillwayError on misuse */
  reserveSync<const K extends Keys<Name>, const O extends CallOptions<Name>>(
    keys: K,
    options?: O,
  ): Reservation<Name, LeftOut<Name, K, O>>
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
  const { policies, store = memoryStore(), clock, onDecision, onWarn } = options
  const plan: Plan = {
    name: options.name ?? 'default',
    policies: Object.entries(policies).map(([name, policy]) => ({ ...policy, name })),
  }
  claim(store, plan)
  const { ask, clock: storeClock } = surround(store, plan, guard)
  const time = clock === undefined ? undefined : () => checkTime(clock())

  const hasCalendar = plan.policies.some(({ edges }) => edges !== undefined)
  function withEdges(ops: readonly Op[], around: number): readonly Op[] {
    // The new property, which no op has yet, goes first: to add one to a copy makes a hidden class each time, in more time than
    // the decision takes.
    return ops.map((op) => ({ edges: plan.policies[op.policy]?.edges?.(around), ...op }))
  }

  function run(ops: readonly Op[], mode: Mode, by: Ask = ask): Awaitable<Answer> {
    const given = time?.()
    return hasCalendar ? runByCalendar(ops, mode, by, given) : by(ops, mode, given)
  }

  /** Asks once more when the store's clock lay outside the calendar edges around ours. */
  function runByCalendar(
    ops: readonly Op[],
    mode: Mode,
    by: Ask,
    given: number | undefined,
  ): Awaitable<Answer> {
    return after(by(withEdges(ops, given ?? storeClock()), mode, given), (first) =>
      first.results.length > 0 ? first : (first.by ?? by)(withEdges(ops, first.now), mode, given),
    )
  }

  const waiting = plan.policies.findIndex((policy) => policy.waiting !== undefined)
  const queue = plan.policies[waiting]?.waiting?.open(plan, waiting)
  const hasSlots = plan.policies.some(({ algorithm }) => algorithm.lease !== undefined)
  /** Only a lease needs it. */
  const moment = () => (hasSlots ? performance.now() : 0)

  const isMarked = plan.policies.some(({ warnAt }) => warnAt !== undefined)
  const warnings = onWarn !== undefined && isMarked ? new Warnings(plan, onWarn) : undefined

  function change(ops: readonly Op[], mode: Mode, by: Ask | undefined): Awaitable<Answer> {
    return after(run(ops, mode, by), (outcome) => {
      if (mode === 'release') queue?.released(ops)
      if (mode === 'consume' || mode === 'adjust') warnings?.see(ops, outcome)
      return outcome
    })
  }

  function held(ops: readonly Op[], answer: Answer | undefined, asked: number): Held {
    const decision = answer === undefined ? report(nobody()) : conclude(ops, answer)
    return new Held({ plan, ops, answer, decision, run: change, asked })
  }

  function conclude(ops: readonly Op[], outcome: Answer): Decision {
    warnings?.see(ops, outcome)
    return report(decide(plan, ops, outcome))
  }

  function report(decision: Decision): Decision {
    if (onDecision !== undefined) void tell(onDecision, 'onDecision', decision)
    return decision
  }

  const nobody = () => unlimited((plan.policies[0] as Plan['policies'][number]).name, (time ?? Date.now)())

  function consume(keys: Keys, options?: CallOptions): Awaitable<Decision> {
    const ops = hasSlots ? resolveConsume(plan, keys, options) : resolve(plan, keys, options)
    if (ops.length === 0) return report(nobody())
    const answer = run(ops, 'consume')
    return isPromise(answer) ? concludeLater(ops, answer) : conclude(ops, answer)
  }

  /** By itself, since a function that makes another one keeps for it, on each call, what that may need. */
  async function concludeLater(ops: readonly Op[], answer: Promise<Answer>): Promise<Decision> {
    return conclude(ops, await answer)
  }

  const limiter = {
    name: plan.name,
    policies,
    store,

    // Not an async function, which would wait for what a memory store has answered already.
    consume(keys: Keys, options?: CallOptions): Promise<Decision> {
      try {
        return Promise.resolve(consume(keys, options))
      } catch (misuse) {
        return Promise.reject(misuse)
      }
    },

    async peek(keys: Keys, options?: CallOptions): Promise<Decision> {
      const ops = resolve(plan, keys, options)
      return ops.length === 0 ? nobody() : decide(plan, ops, await run(ops, 'peek'))
    },

    async explain(keys: Keys, options?: CallOptions): Promise<Explanation> {
      const ops = resolve(plan, keys, options)
      if (ops.length === 0) return explain(plan, keys, ops, nobody(), nobody())
      const free = ops.map((op) => ({ ...op, cost: 0 }))
      // At once, so that a store may answer both by one call.
      const [asked, standing] = await Promise.all([run(ops, 'peek'), run(free, 'peek')])
      return explain(plan, keys, ops, decide(plan, ops, asked), decide(plan, free, standing))
    },

    async reserve(keys: Keys, options?: ReserveOptions): Promise<Reservation> {
      const ops = resolveReserve(plan, keys, options)
      const signal = options?.signal
      signal?.throwIfAborted()
      let [own, asked] = [ops as readonly Op[], moment()]
      if (ops.length === 0) return held(ops, undefined, asked)
      const ask = (mode: Mode) => {
        asked = moment()
        own = withId(plan, ops)
        return run(own, mode)
      }
      const waits = queue !== undefined && options?.wait !== false
      const answer = await (waits ? queue.pass(ops, ask, signal) : ask('consume'))
      return held(own, answer, asked)
    },

    async reset(keys: string | Partial<Keys>): Promise<void> {
      const ops = resolveReset(plan, keys)
      if (ops.length > 0) await run(ops, 'reset')
    },
  }
  // Which policies a call may leave out is known to its types only.
  if (!store.sync) return limiter as Limiter

  const sync = {
    consumeSync: consume as (keys: Keys, options?: CallOptions) => Decision,

    reserveSync(keys: Keys, options?: CallOptions): Reservation {
      const resolved = resolve(plan, keys, options)
      const ops = hasSlots ? withId(plan, resolved) : resolved
      return held(ops, ops.length === 0 ? undefined : (run(ops, 'consume') as Outcome), moment())
    },
  }
  return { ...limiter, ...sync } as SyncLimiter
}

type Ask = (ops: readonly Op[], mode: Mode, now?: number) => Awaitable<Answer>

/** A synchronous store as it is; around another one what it needs when it is slow, or gone. */
function surround(store: Store, plan: Plan, guard: GuardOptions): { ask: Ask; clock: () => number } {
  return store.sync ? { ask: store.prepare(plan), clock: Date.now } : guarded(store, plan, guard)
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
