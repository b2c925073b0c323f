import type { Gate, Refusal } from '@spillway/core/http'
import {
  checkDefaults,
  checkFunction,
  checkOneOf,
  createGate,
  sleep,
  withDefaults,
} from '@spillway/core/http'
import type { Context, Env, Next } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { watch } from './end.js'
import { reader } from './reader.js'
import type { AnyContext, Defaults, RateLimit, RateLimitMiddleware } from './types.js'

const OWN = {
  onRefuse: checkFunction,
  errors: (value: unknown, option: string) => checkOneOf(value, ['answer', 'throw'], option),
}

/** `rateLimit` with shared defaults, and the app's own types: `createRateLimit<AppEnv>({ store, key })`. */
export function createRateLimit<E extends Env = Env>(defaults: Defaults<Context<E>> = {}): RateLimit<E> {
  checkDefaults(defaults, OWN)
  return function rateLimit(options: Defaults<AnyContext>) {
    const all: Defaults<AnyContext> = withDefaults(defaults, options)
    return middlewareOf(createGate(reader, all, OWN), all)
  } as RateLimit<E>
}

/**
 * Limits requests: `app.use(rateLimit({ limit: 100, window: '1m' }))`.
 * @throws SpillwayError on any misuse, before the first request
 */
export const rateLimit: RateLimit = /* @__PURE__ */ createRateLimit()

function middlewareOf(
  gate: Gate<AnyContext>,
  { onRefuse, errors }: Defaults<AnyContext>,
): RateLimitMiddleware<string, string> {
  async function rateLimit(c: AnyContext, next: Next): Promise<Response | undefined> {
    const entered = gate.enter(c, () => c.req.raw.signal)
    // Asking costs 2 us in Node, and where nothing is awaited the client is still there. Of a departure that comes before
    // the question @hono/node-server 1 does not tell.
    let signal = entered instanceof Promise ? c.req.raw.signal : undefined
    const result = entered instanceof Promise ? await entered : entered
    if (result.decision) c.set('rateLimit', result.decision)
    if (result.refused) return refuse(result, c, next)
    if (result.delayMs > 0) {
      signal = c.req.raw.signal
      await sleep(result.delayMs, signal)
    }
    if (signal?.aborted) {
      await result.finish?.({ status: undefined, aborted: true })
      return c.body(null)
    }
    let headers: [name: string, value: string][] = []
    const answer = async () => {
      await next()
      headers = result.headers()
    }
    await (result.finish ? watch(c, answer, result.finish, result.slots) : answer())
    // Only now: a handler that returns its own Response drops headers that were set before.
    setHeaders(c, headers)
    return undefined
  }

  function refuse(refusal: Refusal, c: AnyContext, next: Next): Response | Promise<Response | undefined> {
    if (errors === 'throw') return fail(c, refusal)
    return onRefuse ? handOver(onRefuse, refusal, c, next) : answer(c, refusal)
  }

  return Object.assign(rateLimit, { limiter: gate.limiter, decision: gate.decision, explain: gate.explain })
}

/** Lets `onRefuse` answer. */
async function handOver(
  onRefuse: NonNullable<Defaults<AnyContext>['onRefuse']>,
  refusal: Refusal,
  c: AnyContext,
  next: Next,
): Promise<Response | undefined> {
  for (const [name, value] of refusal.headers) c.header(name, value)
  c.status(refusal.status as ContentfulStatusCode)
  const response = await onRefuse(c, next, refusal.decision)
  if (!response && !c.finalized) return answer(c, refusal)
  if (response) c.res = response
  // Again: a Response of its own has dropped them.
  setHeaders(c, refusal.headers)
  return response && c.res
}

/**
 * With plain headers where nothing further out has set any: @hono/node-server sends these as they are, and to make Hono's
 * `Headers` of them takes longer than the decision. Not for HEAD: of these Hono's copy would have nothing that is set later.
 */
function answer(c: AnyContext, refusal: Refusal): Response {
  const { body } = refusal
  const status = refusal.status as ContentfulStatusCode
  const headers = fieldsOf(refusal)
  const isFirst = c.req.method !== 'HEAD' && c.body(null, status).headers.keys().next().done
  return isFirst ? new Response(body, { status, headers }) : c.body(body, status, headers)
}

function fail(c: AnyContext, refusal: Refusal): never {
  const { decision, headers, body } = refusal
  const status = refusal.status as ContentfulStatusCode
  for (const [name, value] of headers) c.header(name, value)
  const res = new Response(body, { status, headers: fieldsOf(refusal) })
  throw new HTTPException(status, { res, message: decision.code, cause: decision })
}

/** All headers of a refusal, each name once: the type is that of the body, whatever a dialect says. */
function fieldsOf({ headers, contentType }: Refusal): Record<string, string> {
  const fields: Record<string, string> = { 'Content-Type': contentType }
  for (const [name, value] of headers) if (!TYPE.test(name)) fields[name] = value
  return fields
}

const TYPE = /^content-type$/i

/** On the response as it is: `c.header` would copy it once for each. One whose headers cannot change is copied first. */
function setHeaders(c: AnyContext, headers: readonly [name: string, value: string][]): void {
  // Asked for its body, @hono/node-server 1 makes the response; of one not made yet Hono's copy for HEAD has no new headers.
  if (c.req.method === 'HEAD') void c.res.body
  try {
    const own = c.res.headers
    for (const [name, value] of headers) own.set(name, value)
  } catch {
    c.res = new Response(c.res.body, c.res)
    for (const [name, value] of headers) c.res.headers.set(name, value)
  }
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
