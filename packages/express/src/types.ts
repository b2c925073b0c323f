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
import type { NextFunction, Request, Response } from 'express'

declare global {
  namespace Express {
    interface Request {
      /** Of the innermost limiter that this request has met: its decision, and `settle`, `meter`, `hold` and `signal`. */
      rateLimit?: RequestRateLimit
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a limiter stands before routes of all params, bodies and queries
export type AnyRequest = Request<any, any, any, any, any>

/** What every form takes, and what `createRateLimit` takes for all of them. */
export interface Defaults extends SharedOptions<AnyRequest> {
  /** Answers a refusal in your own way; status and limit headers are set already. */
  onRefuse?: (req: AnyRequest, res: Response, next: NextFunction, decision: Decision) => unknown
}

/** Makes a middleware from one of four forms of options. */
export interface RateLimit {
  <const Name extends string>(
    options: LimiterForm<AnyRequest, Name> &
      Omit<Defaults, keyof LimiterForm<AnyRequest, Name> | OwnedByLimiter>,
  ): RateLimitMiddleware<Name>
  <const Name extends string = 'default', const Names extends string = never>(
    options: (WindowForm<AnyRequest, Name> | PolicyForm<Name> | PoliciesForm<AnyRequest, Names>) & Defaults,
  ): [Names] extends [never] ? RateLimitMiddleware<Name> : RateLimitMiddleware<Names, Names>
}

/** A call signature over what has no type parameters: from any other, Express would infer those of the handlers behind it. */
export interface RateLimitMiddleware<Name extends string, Optional extends Name = never> {
  (req: Express.Request, res: Express.Response, next: NextFunction): void
  readonly limiter: Limiter<Name>
  /** What this limiter has for a request that has met it: its decision, and `settle` and the rest, by its policies' names. */
  decision(req: Express.Request): RequestRateLimit<Name, Optional> | undefined
  /** How every policy of this limiter stands to a request, by its rules: what it says, or why it has no part. Charges nothing. */
  explain(req: Express.Request): Promise<Explanation<Name>>
}
