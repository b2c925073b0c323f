import type { Awaitable } from '../after.js'
import type { PerPolicy } from '../call.js'
import type { Decision, RefusalCode } from '../decision.js'
import type { Duration } from '../duration.js'
import type { Limiter, LimiterOptions } from '../limiter.js'
import type { Policy } from '../policy.js'
import type { Store } from '../store.js'
import type { Dialect } from './headers/headers.js'
import type { KeyExtractor } from './keys/extractors.js'

/** Options that are handed on to the limiter; one that was built already has its own. */
export type OwnedByLimiter =
  | 'name'
  | 'store'
  | 'clock'
  | 'deadline'
  | 'fallback'
  | 'denyCache'
  | 'onWarn'
  | 'onError'

/** What every form of `rateLimit` takes, and what `createRateLimit` takes as shared defaults. */
export interface SharedOptions<R> extends Pick<LimiterOptions, Exclude<OwnedByLimiter, 'name' | 'store'>> {
  /** Where state lives. A limiter on a store that is passed needs a `name`. @default memoryStore() of its own */
  store?: Store
  /** Who is limited. @default byIp() */
  key?: KeyExtractor<R>
  /** Units that a request takes. @default 1 */
  cost?: number | ((req: R) => Awaitable<number>)
  /** Requests that are let through without a decision. Runs first. */
  skip?: (req: R) => Awaitable<boolean>
  /**
   * Gives the charge back when the request `'failed'` (status 400 and above), was `'successful'`, or when a function says
   * so. An aborted request keeps its charge unless a function gives it back.
   */
  refund?: 'failed' | 'successful' | ((end: RequestEnd) => boolean)
  /** Header vocabularies, [] for none. @default ['x-ratelimit'] */
  headers?: readonly Dialect[]
  /** Another status for a code. @default 429; 413 for COST_EXCEEDS_LIMIT, 503 for LIMITER_UNAVAILABLE */
  status?: { readonly [Code in RefusalCode]?: number }
  /** The body of refusals: RFC 9457 problem details, a flat JSON error, or your own, told its status. @default 'problem' */
  body?: 'problem' | 'json' | ((decision: Decision, req: R, status: number) => Awaitable<string | object>)
  /** Decides and reports (`onDecision`, the request's decision), but refuses nothing and sends nothing. @default false */
  shadow?: boolean
  /** Told of every decision. What it throws is reported and changes no decision. */
  onDecision?: (decision: Decision, req: R) => void
}

/** How a request ended. */
export interface RequestEnd {
  /** `undefined` when the client was gone before a status was sent. */
  readonly status: number | undefined
  /** Whether the client was gone before the answer was complete. */
  readonly aborted: boolean
  /** Whether another limiter of this request refused it. */
  readonly refused: boolean
}

/** A policy with its own rules for requests. */
export interface Rule<R> {
  policy: Policy
  /** @default the limiter's `key` */
  key?: KeyExtractor<R>
  /** Whether the policy takes part in this request. @default always */
  when?: (req: R) => Awaitable<boolean>
  /** @default the limiter's `cost` */
  cost?: number | ((req: R) => Awaitable<number>)
  /** The caller's own limit: `undefined` is the policy's own, `Infinity` leaves the policy out, 0 refuses. */
  limit?: (req: R) => Awaitable<number | undefined>
}

/** One sliding window: `{ limit: 100, window: '1m' }`. */
export interface WindowForm<R, Name extends string> {
  limit: number | ((req: R) => Awaitable<number>)
  window: Duration
  /** Names the limiter, and its policy. @default 'default' */
  name?: Name
  policies?: never
}

/** One policy: `{ policy: tokenBucket({ ... }) }`. */
export interface PolicyForm<Name extends string> {
  policy: Policy
  /** Names the limiter, and its policy. @default 'default' */
  name?: Name
  policies?: never
}

/** Several policies, decided as one. */
export interface PoliciesForm<R, Name extends string> {
  policies: { readonly [N in Name]: Policy | Rule<R> }
  /** Names the limiter. */
  name?: string
}

/** A limiter that you built. */
export interface LimiterForm<R, Name extends string> {
  limiter: Limiter<Name>
  cost?: PerPolicy<Name> | ((req: R) => Awaitable<PerPolicy<Name>>)
}

/** What adapters and the gate take, whichever form it has. */
export type GateOptions<R> = SharedOptions<R> &
  Partial<
    Pick<WindowForm<R, string>, 'window'> & Pick<PolicyForm<string>, 'policy'> & PoliciesForm<R, string>
  > & {
    limit?: WindowForm<R, string>['limit']
    limiter?: Limiter
  }
