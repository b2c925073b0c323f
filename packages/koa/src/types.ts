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
import type { DefaultContext, DefaultState, ExtendableContext, Next, ParameterizedContext } from 'koa'

declare module 'koa' {
  interface DefaultState {
    /** Of the innermost limiter that this request has met: its decision, and `settle`, `meter`, `hold` and `signal`. */
    rateLimit?: RequestRateLimit
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
    options: LimiterForm<Context<State, Custom>, Name> &
      Omit<Defaults<Context<State, Custom>>, keyof LimiterForm<unknown, Name> | OwnedByLimiter>,
  ): RateLimitMiddleware<Name>
  <const Name extends string = 'default', const Names extends string = never>(
    options: (
      | WindowForm<Context<State, Custom>, Name>
      | PolicyForm<Name>
      | PoliciesForm<Context<State, Custom>, Names>
    ) &
      Defaults<Context<State, Custom>>,
  ): [Names] extends [never] ? RateLimitMiddleware<Name> : RateLimitMiddleware<Names, Names>
}

// biome-ignore lint/suspicious/noExplicitAny: the type of a body says nothing to a limiter
export type Context<State, Custom> = ParameterizedContext<State, Custom, any>

/** Over a context without type parameters: from any other, a router would infer those of the handlers behind it. */
export interface RateLimitMiddleware<Name extends string, Optional extends Name = never> {
  (ctx: ExtendableContext, next: Next): Promise<unknown>
  readonly limiter: Limiter<Name>
  /** What this limiter has for a request that has met it: its decision, and `settle` and the rest, by its policies' names. */
  decision(ctx: ExtendableContext): RequestRateLimit<Name, Optional> | undefined
  /** How every policy of this limiter stands to a request, by its rules: what it says, or why it has no part. Charges nothing. */
  explain(ctx: ExtendableContext): Promise<Explanation<Name>>
}
