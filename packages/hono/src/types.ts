import type { Decision, Limiter } from '@spillway/core'
import type {
  LimiterForm,
  OwnedByLimiter,
  PoliciesForm,
  PolicyForm,
  SharedOptions,
  WindowForm,
} from '@spillway/core/http'
import type { Context, Env, MiddlewareHandler, Next } from 'hono'

declare module 'hono' {
  interface ContextVariableMap {
    /** The decision of the innermost limiter that this request has met. */
    rateLimit: Decision | undefined
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
    options: PoliciesForm<Context<E>, Name> & Defaults<Context<E>>,
  ): RateLimitMiddleware<Name, Name>
  <const Name extends string>(
    options: LimiterForm<Context<E>, Name> &
      Omit<Defaults<Context<E>>, keyof LimiterForm<unknown, Name> | OwnedByLimiter>,
  ): RateLimitMiddleware<Name>
  <const Name extends string = 'default'>(
    options: (WindowForm<Context<E>, Name> | PolicyForm<Name>) & Defaults<Context<E>>,
  ): RateLimitMiddleware<Name>
}

export interface RateLimitMiddleware<Name extends string, Optional extends Name = never>
  extends MiddlewareHandler<{ Variables: { rateLimit: Decision | undefined } }> {
  readonly limiter: Limiter<Name>
  /** This limiter's decision on a request that has met it. */
  decision(c: AnyContext): Decision<Name, Optional> | undefined
}
