import type { Decision, Limiter } from '@spillway/core'
import type { LimiterForm, PoliciesForm, PolicyForm, SharedOptions, WindowForm } from '@spillway/core/http'
import type { NextFunction, Request, Response } from 'express'

declare global {
  namespace Express {
    interface Request {
      /** The decision of the innermost limiter that this request has met. */
      rateLimit?: Decision
    }
  }
}

/** A request of any route, so that route params keep their types behind a limiter. */
// biome-ignore lint/suspicious/noExplicitAny: anything narrower would narrow the params of the route's handlers
export type AnyRequest = Request<any, any, any, any, any>

export interface Options extends SharedOptions<AnyRequest> {
  /** Answers a refusal in your own way; status and limit headers are set already. */
  onRefuse?: (req: AnyRequest, res: Response, next: NextFunction, decision: Decision) => unknown
}

/** Makes a middleware from one of four forms of options. */
export interface RateLimit {
  <const Name extends string>(
    options: PoliciesForm<AnyRequest, Name> & Options,
  ): RateLimitMiddleware<Name, Name>
  <const Name extends string>(
    options: LimiterForm<AnyRequest, Name> &
      Omit<Options, keyof LimiterForm<AnyRequest, Name> | 'store' | 'clock'>,
  ): RateLimitMiddleware<Name>
  <const Name extends string = 'default'>(
    options: (WindowForm<AnyRequest, Name> | PolicyForm<Name>) & Options,
  ): RateLimitMiddleware<Name>
}

/** A call signature, not a `RequestHandler`: that would fix the types of the handlers behind it. */
export interface RateLimitMiddleware<Name extends string, Optional extends Name = never> {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  (req: AnyRequest, res: Response<any, any>, next: NextFunction): void
  readonly limiter: Limiter<Name>
  /** This limiter's decision on a request that has met it. */
  decision(req: AnyRequest): Decision<Name, Optional> | undefined
}
