import type { Op, Penalty, Reading, Spacing } from './algorithms/algorithm.js'
import type { PolicyCode } from './policy.js'
import type { Answer } from './resilience/guard.js'
import type { OpResult, Plan, PlannedPolicy } from './store.js'
import { isNear } from './warnings.js'

/** Why a request was refused, and the status that answers it. */
export type RefusalCode =
  /** 429: a pace, an allowance, too many at once, or a limit shared with others, as the policy says. */
  | PolicyCode
  /** 413: more than the policy can ever hold; no wait helps. */
  | 'COST_EXCEEDS_LIMIT'
  /** 503: the store failed and the fallback is to deny. */
  | 'LIMITER_UNAVAILABLE'

/** One policy's own state in a decision. */
export interface PolicyState {
  readonly key: string
  /** Whether this policy alone admits the request. */
  readonly allowed: boolean
  /** The limit in force: of a meter its burst. */
  readonly limit: number
  /** The length of the window, or the time a meter takes to drain from full. */
  readonly windowMs: number
  /** Units charged; under `chargeRefused` refused ones too. */
  readonly used: number
  /** Whole units left, never negative. */
  readonly remaining: number
  /** Until the policy is full again if nobody asks. */
  readonly resetMs: number
  /** After this wait the same request is admitted; `null` when no wait helps; 0 when allowed. */
  readonly retryAfterMs: number | null
  /** With `warnAt`: once so much is used, until the policy is full again, an advice to wait although it allows; before that 0. */
  readonly adviseMs?: number
  readonly unit?: string
  /** What it counts is held: units are free again when a holder is done, which no time says. */
  readonly slots?: true
  /** It only watches: it never refuses and never binds. */
  readonly shadow?: true
  /** Clients are told of it only when it refuses. */
  readonly hidden?: true
  /** Which of the extractors of a `firstOf` found the key, from 0. */
  readonly level?: number
  /** What a spike arrest wanted between two calls, and what it saw; on its refusals. */
  readonly spacing?: Spacing
  /** Of a `penalty` while one runs: all is refused until its end. */
  readonly penalty?: Penalty
}

/** Where names are not known, any of them may be absent. */
export type Unnamed<Name extends string> = string extends Name ? Name : never

interface Verdict<Name extends string, Optional extends Name> {
  /** The binding policy: `limit`, `used`, `remaining`, `resetMs` and `retryAfterMs` are its own. */
  readonly policy: Name
  readonly limit: number
  readonly used: number
  readonly remaining: number
  readonly resetMs: number
  /** Start the admitted work this much later (leakyBucket); else 0. */
  readonly delayMs: number
  /** On an admission the longest advice to wait of the policies that clients may know of (`warnAt`); else 0. */
  readonly adviseMs: number
  /** The clock that decided, epoch ms. */
  readonly now: number
  /** Every policy that took part. */
  readonly policies: Readonly<
    Record<Exclude<Name, Optional>, PolicyState> & Partial<Record<Optional, PolicyState>>
  >
  readonly source: 'store' | 'deny-cache' | 'local' | 'fallback'
  /** False only in a Redis Cluster, when the policies lie in different slots. */
  readonly atomic: boolean
}

/** The answer to one request. `Optional` names the policies that may be left out of it. */
export type Decision<Name extends string = string, Optional extends Name = Unnamed<Name>> = Verdict<
  Name,
  Optional
> &
  (
    | { readonly allowed: true; readonly code: 'OK'; readonly retryAfterMs: 0 }
    | { readonly allowed: false; readonly code: RefusalCode; readonly retryAfterMs: number | null }
  )

/** Turns a store's integers into the answer, or those of what stood in for it. */
export function decide(plan: Plan, ops: readonly Op[], outcome: Answer): Decision {
  const { now, passed, results, atomic = true, source = 'store', unavailableMs } = outcome
  const policies: Record<string, PolicyState> = {}
  let binding: Candidate | undefined
  let delayMs = 0
  let adviseMs = 0

  for (let i = 0; i < ops.length; i++) {
    const op = ops[i] as Op
    const { passed: alone, reply, now: own = now } = results[i] as OpResult
    const policy = plan.policies[op.policy] as PlannedPolicy
    const reading = policy.algorithm.read(reply, op, own, passed && alone)
    // On a refusal a policy that passed may have been charged into refusing (`chargeRefused`): then it does refuse.
    const allowed = alone && (passed || reading.waitMs === 0)
    const state: Mutable<PolicyState> = {
      key: op.key,
      allowed,
      limit: reading.limit,
      windowMs: reading.windowMs,
      used: reading.used,
      remaining: reading.remaining,
      resetMs: reading.resetMs,
      retryAfterMs: allowed ? 0 : reading.waitMs,
    }
    if (policy.warnAt !== undefined) {
      state.adviseMs = isNear(policy.warnAt, reading.used, reading.limit) ? reading.resetMs : 0
      if (passed && rank(policy) === 0) adviseMs = Math.max(adviseMs, state.adviseMs)
    }
    if (policy.unit !== undefined) state.unit = policy.unit
    if (policy.algorithm.lease !== undefined) state.slots = true
    if (policy.shadow) state.shadow = true
    if (policy.hidden) state.hidden = true
    if (reading.spacing !== undefined) state.spacing = reading.spacing
    if (reading.penalty !== undefined) state.penalty = reading.penalty
    policies[policy.name] = state
    if (!policy.shadow) delayMs = Math.max(delayMs, reading.delayMs)

    const candidate = { op, policy, state, reading, rank: rank(policy) }
    if (binding === undefined || binds(candidate, binding, passed)) binding = candidate
  }

  const { policy, state, op, reading } = binding as Candidate
  const refusal = op.fits || op.limit === 0 ? policy.code : 'COST_EXCEEDS_LIMIT'
  const code = unavailableMs === undefined ? refusal : 'LIMITER_UNAVAILABLE'
  return {
    allowed: passed,
    code: passed ? 'OK' : code,
    policy: policy.name,
    limit: state.limit,
    used: state.used,
    remaining: state.remaining,
    retryAfterMs: passed ? 0 : (unavailableMs ?? reading.waitMs),
    resetMs: state.resetMs,
    delayMs,
    adviseMs,
    now,
    policies,
    source,
    atomic,
  } as Decision
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Candidate {
  readonly op: Op
  readonly policy: PlannedPolicy
  readonly state: PolicyState
  readonly reading: Reading
  readonly rank: number
}

/** Shadow policies bind only among themselves; hidden ones only on a refusal, or where nothing else is there. */
function rank({ shadow, hidden }: { shadow: boolean; hidden: boolean }): number {
  return shadow ? 2 : hidden ? 1 : 0
}

/**
 * Whether `a`, written later, takes the place of `b`. On a refusal the longest wait binds; when allowed the smallest
 * remaining share, then the longest wait for the same cost again, then the order written.
 */
function binds(a: Candidate, b: Candidate, passed: boolean): boolean {
  if (!passed) {
    if ((a.rank === 2) !== (b.rank === 2)) return b.rank === 2
    if (a.state.allowed !== b.state.allowed) return b.state.allowed
    return wait(a) > wait(b)
  }
  if (a.rank !== b.rank) return a.rank < b.rank
  const [mine, other] = [share(a), share(b)]
  return mine === other ? wait(a) > wait(b) : mine < other
}

/** What is left of the limit; nothing of a limit of 0. */
function share({ state }: Candidate): number {
  return state.limit === 0 ? 0 : state.remaining / state.limit
}

function wait({ reading }: Candidate): number {
  return reading.waitMs ?? Number.POSITIVE_INFINITY
}

/** The answer where no policy takes part: nothing limits this request. */
export function unlimited(policy: string, now: number): Decision {
  return {
    allowed: true,
    code: 'OK',
    policy,
    limit: Number.POSITIVE_INFINITY,
    used: 0,
    remaining: Number.POSITIVE_INFINITY,
    retryAfterMs: 0,
    resetMs: 0,
    delayMs: 0,
    adviseMs: 0,
    now,
    policies: {},
    source: 'store',
    atomic: true,
  }
}
