import type { Decision, Limiter } from '@spillway/core'
import type {
  LimiterForm,
  OwnedByLimiter,
  PoliciesForm,
  PolicyForm,
  SharedOptions,
  WindowForm,
} from '@spillway/core/http'
import type { NextFunction, Request, Response } from 'express'

declare global {
  namespace Express {
    interface Request {
      /** The decision of the innermost limiter that this request has met. */
      rateLimit?: Decision
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
    options: PoliciesForm<AnyRequest, Name> & Defaults,
  ): RateLimitMiddleware<Name, Name>
  <const Name extends string>(
    options: LimiterForm<AnyRequest, Name> &
      Omit<Defaults, keyof LimiterForm<AnyRequest, Name> | OwnedByLimiter>,
  ): RateLimitMiddleware<Name>
  <const Name extends string = 'default'>(
    options: (WindowForm<AnyRequest, Name> | PolicyForm<Name>) & Defaults,
  ): RateLimitMiddleware<Name>
}

/** A call signature over what has no type parameters: from any other, Express would infer those of the handlers behind it. */
export interface RateLimitMiddleware<Name extends string, Optional extends Name = never> {
  (req: Express.Request, res: Express.Response, next: NextFunction): void
  readonly limiter: Limiter<Name>
  /** This limiter's decision on a request that has met it. */
  decision(req: Express.Request): Decision<Name, Optional> | undefined
}
