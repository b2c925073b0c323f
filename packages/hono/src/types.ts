import type { Decision, Explanation, Limiter } from '@spillway/core'
import type {
  LimiterForm,
  OwnedByLimiter,
  PoliciesForm,
  PolicyForm,
  RequestRateLimit,
  SharedOptions,
  WindowForm,
} from '@spillway/core/http'
import type { Context, Env, MiddlewareHandler, Next } from 'hono'

declare module 'hono' {
  interface ContextVariableMap {
    /** Of the innermost limiter that this request has met: its decision, and `settle`, `meter`, `hold` and `signal`. */
    rateLimit: RequestRateLimit | undefined
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a middleware stands before handlers of every environment
export type AnyContext = Context<any>

/** What every form takes, and what `createRateLimit` takes for all of them. */
export interface Defaults<C> extends SharedOptions<C> {
  /** Answers a refusal in your own way; `c.json()` and its like have the status and the limit headers already. */
  onRefuse?: (c: C, next: Next, decision: Decision) => Response | undefined | Promise<Response | undefined>
  /** `'throw'` throws Hono's HTTPException, with the headers, instead of answering. @default 'answer' */
  errors?: 'answer' | 'throw'
}

/** Makes a middleware from one of four forms of options. */
export interface RateLimit<E extends Env = Env> {
  <const Name extends string>(
    options: LimiterForm<Context<E>, Name> &
      Omit<Defaults<Context<E>>, keyof LimiterForm<unknown, Name> | OwnedByLimiter>,
  ): RateLimitMiddleware<Name>
  <const Name extends string = 'default', const Names extends string = never>(
    options: (WindowForm<Context<E>, Name> | PolicyForm<Name> | PoliciesForm<Context<E>, Names>) &
      Defaults<Context<E>>,
  ): [Names] extends [never] ? RateLimitMiddleware<Name> : RateLimitMiddleware<Names, Names>
}

export interface RateLimitMiddleware<Name extends string, Optional extends Name = never>
  extends MiddlewareHandler<{ Variables: { rateLimit: RequestRateLimit | undefined } }> {
  readonly limiter: Limiter<Name>
  /** What this limiter has for a request that has met it: its decision, and `settle` and the rest, by its policies' names. */
  decision(c: AnyContext): RequestRateLimit<Name, Optional> | undefined
  /** How every policy of this limiter stands to a request, by its rules: what it says, or why it has no part. Charges nothing. */
  explain(c: AnyContext): Promise<Explanation<Name>>
}
