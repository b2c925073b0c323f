import type { Gate, Pass, Refusal } from '@spillway/core/http'
import {
  checkDefaults,
  checkFunction,
  closeSignal,
  createGate,
  isGone,
  onEnd,
  sleep,
  withDefaults,
} from '@spillway/core/http'
import type { NextFunction, Response } from 'express'
import { reader } from './reader.js'
import type { AnyRequest, Defaults, RateLimit, RateLimitMiddleware } from './types.js'

const OWN = { onRefuse: checkFunction }

/** `rateLimit` with shared defaults: `const limits = createRateLimit({ store, key })`. */
export function createRateLimit(defaults: Defaults = {}): RateLimit {
  checkDefaults(defaults, OWN)
  return function rateLimit(options: Defaults) {
    const all = withDefaults(defaults, options)
    const gate = createGate(reader, all, OWN)
    return middlewareOf(gate, all.onRefuse)
  } as RateLimit
}

/**
 * Limits requests: `app.use(rateLimit({ limit: 100, window: '1m' }))`.
 * @throws SpillwayError on any misuse, before the first request
 */
export const rateLimit: RateLimit = /* @__PURE__ */ createRateLimit()

type Middleware = RateLimitMiddleware<string, string>

function middlewareOf(gate: Gate<AnyRequest>, onRefuse: Defaults['onRefuse']): Middleware {
  /** Whether the request goes on. In the same turn where there is nothing to wait for. */
  function proceeds(
    result: Pass | Refusal,
    req: AnyRequest,
    res: Response,
    next: NextFunction,
  ): boolean | Promise<boolean> {
    if (result.decision) req.rateLimit = result.decision
    if (result.refused) return refuse(result, req, res, next)
    if (result.finish) onEnd(res, result.finish)
    for (const [name, value] of result.headers()) res.setHeader(name, value)
    if (result.delayMs > 0) return sleep(result.delayMs, closeSignal(res)).then(() => !isGone(res))
    return !isGone(res)
  }

  /** Answers, so that the request does not go on. */
  function refuse(
    { decision, status, headers, contentType, body }: Refusal,
    req: AnyRequest,
    res: Response,
    next: NextFunction,
  ): false | Promise<false> {
    res.status(status)
    for (const [name, value] of headers) res.setHeader(name, value)
    if (onRefuse) return Promise.resolve(onRefuse(req, res, next, decision)).then(() => false)
    res.setHeader('Content-Type', contentType).end(body)
    return false
  }

  function rateLimit(req: AnyRequest, res: Response, next: NextFunction): void {
    // What is thrown at once is Express' to handle too.
    const result = gate.enter(req, () => closeSignal(res))
    const isOn =
      result instanceof Promise
        ? result.then((entered) => proceeds(entered, req, res, next))
        : proceeds(result, req, res, next)
    if (isOn instanceof Promise) isOn.then((on) => on && next(), next)
    else if (isOn) next()
  }
  return Object.assign(rateLimit, {
    limiter: gate.limiter,
    decision: gate.decision,
    explain: gate.explain,
  }) as Middleware
}

export type {
  Decision,
  Duration,
  Explanation,
  Limiter,
  MemoryStore,
  Policy,
  PolicyState,
  Reservation,
  SyncLimiter,
  Warning,
} from '@spillway/core'
export {
  concurrency,
  createLimiter,
  fixedWindow,
  leakyBucket,
  memoryStore,
  penalty,
  quota,
  SpillwayError,
  slidingCounter,
  slidingLog,
  slidingWindow,
  spikeArrest,
  tokenBucket,
} from '@spillway/core'
export type { HeaderDialect, KeyExtractor, MaybeKeyExtractor, RequestRateLimit } from '@spillway/core/http'
export { requestIdOf, xRateLimit } from '@spillway/core/http'
export { allOf, byApiKey, byHeader, byIp, byRoute, everyone, firstOf, method } from './keys.js'
export type {
  Defaults as RateLimitDefaults,
  RateLimit,
  RateLimitMiddleware,
} from './types.js'
