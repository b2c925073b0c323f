import type { Gate, Refusal } from '@spillway/core/http'
import { createExtractors, createGate, sleep } from '@spillway/core/http'
import type { Env, Next } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { watchBody } from './body.js'
import { reader } from './reader.js'
import type { AnyContext, Options, RateLimit, RateLimitMiddleware } from './types.js'

/** `rateLimit` with shared defaults, and the app's own types: `createRateLimit<AppEnv>({ store, key })`. */
export function createRateLimit<E extends Env = Env>(defaults: Options<AnyContext> = {}): RateLimit<E> {
  return function rateLimit(options: Options<AnyContext>) {
    const all = { ...defaults, ...options }
    return middlewareOf(createGate(reader, all, ['onRefuse', 'errors']), all)
  } as RateLimit<E>
}

/**
 * Limits requests: `app.use(rateLimit({ limit: 100, window: '1m' }))`.
 * @throws SpillwayError on any misuse, before the first request
 */
export const rateLimit: RateLimit = createRateLimit()

function middlewareOf(
  gate: Gate<AnyContext>,
  { onRefuse, errors }: Options<AnyContext>,
): RateLimitMiddleware<string, string> {
  async function rateLimit(c: AnyContext, next: Next): Promise<Response | undefined> {
    const result = await gate.enter(c)
    if (result.decision) c.set('rateLimit', result.decision)
    if (result.refused) return refuse(result, c, next)
    if (result.delayMs > 0) await sleep(result.delayMs, c.req.raw.signal)
    if (result.finish && c.req.raw.signal.aborted) await result.finish({ status: undefined, aborted: true })
    await next()
    // Only now: a handler that returns its own Response drops headers that were set before.
    for (const [name, value] of result.headers()) c.header(name, value)
    if (result.finish && result.until === 'body') watchBody(c, result.finish)
    else await result.finish?.({ status: c.res.status, aborted: c.req.raw.signal.aborted })
    return undefined
  }

  async function refuse(refusal: Refusal, c: AnyContext, next: Next): Promise<Response | undefined> {
    const { decision, headers, contentType, body } = refusal
    const status = refusal.status as ContentfulStatusCode
    const fields = Object.fromEntries(headers)
    if (errors === 'throw') {
      const res = new Response(body, { status, headers: { ...fields, 'Content-Type': contentType } })
      throw new HTTPException(status, { res, message: decision.code, cause: decision })
    }
    if (!onRefuse) return c.body(body, status, { ...fields, 'Content-Type': contentType })
    c.status(status)
    for (const [name, value] of headers) c.header(name, value)
    const response = await onRefuse(c, next, decision)
    for (const [name, value] of headers) response?.headers.set(name, value)
    return response
  }

  return Object.assign(rateLimit, { limiter: gate.limiter, decision: gate.decision })
}

export const { byIp, byApiKey, byHeader, byRoute, everyone, firstOf, allOf, method } =
  createExtractors(reader)

export type { Decision, Duration, Policy, PolicyState } from '@spillway/core'
export {
  createLimiter,
  fixedWindow,
  leakyBucket,
  memoryStore,
  quota,
  SpillwayError,
  slidingCounter,
  slidingLog,
  slidingWindow,
  spikeArrest,
  tokenBucket,
} from '@spillway/core'
export type { Options as RateLimitOptions, RateLimit, RateLimitMiddleware } from './types.js'
