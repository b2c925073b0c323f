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
  /** Of a `penalty` while one runs: all is refused until its end. A refusal has the one that it begins, a peek's would begin it. */
  readonly penalty?: Penalty
}

/** Where names are not known, any of them may be absent. */
export type Unnamed<Name extends string> = string extends Name ? Name : never

interface Verdict<Name extends string, Optional extends Name> {
  /**
   * The binding policy: `limit`, `used`, `remaining`, `resetMs` and `retryAfterMs` are its own. Where none took part it is the
   * first one, with a limit of `Infinity`.
   */
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
  const { passed, now, results } = outcome
  const policies: Record<string, PolicyState> = {}
  // The binding policy so far, by what it answers: a reading that outlived its turn of the loop would have to be made.
  let binding = ops[0] as Op
  let standing: PolicyState | undefined
  let longest: number | null = 0
  let delayMs = 0
  let adviseMs = 0
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i] as Op
    const policy = policyOf(plan, op)
    const result = results[i] as OpResult
    const reading = policy.algorithm.read(result.reply, op, result.now ?? now, passed && result.passed)
    // On a refusal a policy that passed may have been charged into refusing (`chargeRefused`): then it does refuse.
    const allowed = result.passed && (passed || reading.waitMs === 0)
    const state = stateOf(policy, op, reading, allowed)
    policies[policy.name] = state
    if (!policy.shadow) delayMs = Math.max(delayMs, reading.delayMs)
    if (passed && rank(policy) === 0) adviseMs = Math.max(adviseMs, state.adviseMs ?? 0)
    const sign = standing === undefined ? -1 : order(policy, state, policyOf(plan, binding), standing, passed)
    if (sign < 0 || (sign === 0 && isLonger(reading.waitMs, longest))) {
      binding = op
      standing = state
      longest = reading.waitMs
    }
  }
  const { limit, used, remaining, resetMs } = standing as PolicyState
  const policy = policyOf(plan, binding)
  const { source = 'store', atomic = true, unavailableMs } = outcome
  return {
    allowed: passed,
    code: passed ? 'OK' : unavailableMs === undefined ? refusalCode(policy, binding) : 'LIMITER_UNAVAILABLE',
    policy: policy.name,
    limit,
    used,
    remaining,
    retryAfterMs: passed ? 0 : (unavailableMs ?? longest),
    resetMs,
    delayMs,
    adviseMs,
    now,
    policies,
    source,
    atomic,
  } as Decision
}

function policyOf({ policies }: Plan, { policy }: Op): PlannedPolicy {
  return policies[policy] as PlannedPolicy
}

function refusalCode({ code }: PlannedPolicy, { fits, limit }: Op): RefusalCode {
  return fits || limit === 0 ? code : 'COST_EXCEEDS_LIMIT'
}

function stateOf(policy: PlannedPolicy, op: Op, reading: Reading, allowed: boolean): PolicyState {
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
  }
  if (policy.unit !== undefined) state.unit = policy.unit
  if (policy.algorithm.lease !== undefined) state.slots = true
  if (policy.shadow) state.shadow = true
  if (policy.hidden) state.hidden = true
  if (reading.spacing !== undefined) state.spacing = reading.spacing
  if (reading.penalty !== undefined) state.penalty = reading.penalty
  return state
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Shadow policies bind only among themselves; hidden ones only on a refusal, or where nothing else is there. */
function rank({ shadow, hidden }: PlannedPolicy): number {
  return shadow ? 2 : hidden ? 1 : 0
}

/**
 * Below 0 where `a` binds rather than `b`, and 0 where the longer wait for the same cost (again) does, or else what was written
 * first. When allowed that is by the smallest remaining share. On a refusal only waits count: a policy that admits has none.
 */
function order(
  a: PlannedPolicy,
  ofA: PolicyState,
  b: PlannedPolicy,
  ofB: PolicyState,
  passed: boolean,
): number {
  if (!passed) return Number(a.shadow) - Number(b.shadow)
  return rank(a) - rank(b) || share(ofA) - share(ofB)
}

/** What is left of the limit; nothing of a limit of 0. */
function share({ limit, remaining }: PolicyState): number {
  return limit === 0 ? 0 : remaining / limit
}

function isLonger(a: number | null, b: number | null): boolean {
  return b !== null && (a === null || a > b)
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
