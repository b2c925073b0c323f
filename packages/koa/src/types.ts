import type { Decision, Limiter } from '@spillway/core'
import type {
  LimiterForm,
  OwnedByLimiter,
  PoliciesForm,
  PolicyForm,
  SharedOptions,
  WindowForm,
} from '@spillway/core/http'
import type { DefaultContext, DefaultState, ExtendableContext, Next, ParameterizedContext } from 'koa'

declare module 'koa' {
  interface DefaultState {
    /** The decision of the innermost limiter that this request has met. */
    rateLimit?: Decision
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a middleware stands before handlers of every state and context
export type AnyContext = ParameterizedContext<any, any, any>

/** What every form takes, and what `createRateLimit` takes for all of them. */
export interface Defaults<C> extends SharedOptions<C> {
  /** Answers a refusal in your own way; status and limit headers are set already. */
  onRefuse?: (ctx: C, next: Next, decision: Decision) => unknown
  /** `'throw'` throws Koa's HTTP error, with the headers, instead of answering. @default 'answer' */
  errors?: 'answer' | 'throw'
}

/** Makes a middleware from one of four forms of options. */
export interface RateLimit<State = DefaultState, Custom = DefaultContext> {
  <const Name extends string>(
    options: PoliciesForm<Context<State, Custom>, Name> & Defaults<Context<State, Custom>>,
  ): RateLimitMiddleware<Name, Name>
  <const Name extends string>(
    options: LimiterForm<Context<State, Custom>, Name> &
      Omit<Defaults<Context<State, Custom>>, keyof LimiterForm<unknown, Name> | OwnedByLimiter>,
  ): RateLimitMiddleware<Name>
  <const Name extends string = 'default'>(
    options: (WindowForm<Context<State, Custom>, Name> | PolicyForm<Name>) & Defaults<Context<State, Custom>>,
  ): RateLimitMiddleware<Name>
}

// biome-ignore lint/suspicious/noExplicitAny: the type of a body says nothing to a limiter
export type Context<State, Custom> = ParameterizedContext<State, Custom, any>

/** Over a context without type parameters: from any other, a router would infer those of the handlers behind it. */
export interface RateLimitMiddleware<Name extends string, Optional extends Name = never> {
  (ctx: ExtendableContext, next: Next): Promise<unknown>
  readonly limiter: Limiter<Name>
  /** This limiter's decision on a request that has met it. */
  decision(ctx: ExtendableContext): Decision<Name, Optional> | undefined
}
