import type { Gate, Refusal } from '@spillway/core/http'
import {
  checkDefaults,
  checkFunction,
  checkOneOf,
  closeSignal,
  createGate,
  isGone,
  onEnd,
  sleep,
  withDefaults,
} from '@spillway/core/http'
import type { DefaultContext, DefaultState, Next } from 'koa'
import { reader } from './reader.js'
import type { AnyContext, Context, Defaults, RateLimit, RateLimitMiddleware } from './types.js'

const OWN = {
  onRefuse: checkFunction,
  errors: (value: unknown, option: string) => checkOneOf(value, ['answer', 'throw'], option),
}

/** `rateLimit` with shared defaults, and the app's own types: `createRateLimit<AppState, AppContext>({ store, key })`. */
export function createRateLimit<State = DefaultState, Custom = DefaultContext>(
  defaults: Defaults<Context<State, Custom>> = {},
): RateLimit<State, Custom> {
  checkDefaults(defaults, OWN)
  return function rateLimit(options: Defaults<AnyContext>) {
    const all: Defaults<AnyContext> = withDefaults(defaults, options)
    return middlewareOf(createGate(reader, all, OWN), all)
  } as RateLimit<State, Custom>
}

/**
 * Limits requests: `app.use(rateLimit({ limit: 100, window: '1m' }))`.
 * @throws SpillwayError on any misuse, before the first request
 */
export const rateLimit: RateLimit = /* @__PURE__ */ createRateLimit()

type Middleware = RateLimitMiddleware<string, string>

function middlewareOf(gate: Gate<AnyContext>, { onRefuse, errors }: Defaults<AnyContext>): Middleware {
  async function rateLimit(ctx: AnyContext, next: Next): Promise<unknown> {
    const entered = gate.enter(ctx, () => closeSignal(ctx.res))
    const result = entered instanceof Promise ? await entered : entered
    if (result.decision) ctx.state.rateLimit = result.decision
    if (result.refused) return refuse(result, ctx, next)
    if (result.finish) onEnd(ctx.res, result.finish)
    setHeaders(ctx, result.headers())
    if (result.delayMs > 0) await sleep(result.delayMs, closeSignal(ctx.res))
    if (isGone(ctx.res)) return undefined
    try {
      const downstream = next()
      result.slots?.until(downstream)
      return await downstream
    } catch (error) {
      // Koa drops all headers on an error, except those that the error brings.
      if (error instanceof Error && Object.isExtensible(error))
        lendHeaders(error, Object.fromEntries(result.headers()), ctx)
      throw error
    }
  }

  function refuse(
    { decision, status, headers, contentType, body }: Refusal,
    ctx: AnyContext,
    next: Next,
  ): unknown {
    setHeaders(ctx, headers)
    if (errors === 'throw') {
      const { code, policy } = decision
      ctx.throw(status, { headers: Object.fromEntries(headers), code, policy })
    }
    ctx.status = status
    if (onRefuse) return onRefuse(ctx, next, decision)
    setHeaders(ctx, [['Content-Type', contentType]])
    ctx.body = body
    return undefined
  }

  return Object.assign(rateLimit, {
    limiter: gate.limiter,
    decision: gate.decision,
    explain: gate.explain,
  }) as Middleware
}

/** On Node's response: `ctx.set` would make lists of each name and value first. Like it, nothing once the headers are sent. */
function setHeaders({ res }: AnyContext, headers: readonly [name: string, value: string][]): void {
  if (res.headersSent) return
  for (const [name, value] of headers) res.setHeader(name, value)
}

type HeadersError = Error & { headers?: Record<string, string> | undefined }

/** What an error brought itself: one that is thrown again, for another request, must not carry headers of this one. */
const ownHeaders = new WeakMap<Error, HeadersError['headers']>()

function lendHeaders(error: HeadersError, headers: Record<string, string>, { res }: AnyContext): void {
  const own = ownHeaders.has(error) ? ownHeaders.get(error) : error.headers
  ownHeaders.set(error, own)
  error.headers = { ...own, ...headers }
  res.once('close', () => {
    error.headers = own
  })
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
