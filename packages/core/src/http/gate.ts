import { type Awaitable, after } from '../after.js'
import type { Decision, RefusalCode } from '../decision.js'
import { SpillwayError, show } from '../errors.js'
import { type Explanation, notCounted, watching } from '../explain.js'
import type { Limiter, SyncLimiter } from '../limiter.js'
import { suggest } from '../options.js'
import { tell } from '../report.js'
import type { Reservation } from '../reservation.js'
import { type Body, jsonBody, ownBody, problemBody, requestIdOf } from './body.js'
import { seconds } from './headers/dialect.js'
import { checkDialects, limitHeaders, setHeader } from './headers/headers.js'
import { keepToYourself } from './headers/x-ratelimit.js'
import { askedOf, call, callOf, type Input, inputsOf, withLevels } from './inputs.js'
import { ownIp } from './keys/own-ip.js'
import type { GateOptions } from './options.js'
import type { Reader } from './reader.js'
import { type RequestRateLimit, requestRateLimit } from './request-rate-limit.js'
import { type Checks, rulesOf } from './rules.js'
import { type End, type Slots, Stay } from './stay.js'
import { type Client, signalOf, type Visit, type Visits, visitOf, visitsOf } from './visits.js'

/** A limiter in front of a framework's requests. It returns data; the adapter translates it. */
export interface Gate<R, Name extends string = string> {
  readonly limiter: Limiter<Name>
  /**
   * Decides on a request, once, however often it enters. Throws or rejects with a SpillwayError on misuse. Where it waits for
   * a slot, a client that leaves meanwhile makes it a pass without a decision: there is nobody to serve.
   * @param client a signal that aborts when the client has left; asked for where it is needed
   */
  enter(req: R, client?: Client): Awaitable<Pass | Refusal>
  /** What this gate has for a request that has entered it. */
  decision(req: R): RequestRateLimit<Name, Name> | undefined
  /**
   * How every policy stands to a request, by the rules, whether it has entered or not. Charges nothing.
   * Rejects with a SpillwayError on misuse.
   */
  explain(req: R): Promise<Explanation<Name>>
}

export interface Refusal {
  readonly refused: true
  readonly decision: RequestRateLimit
  readonly status: number
  /** The limit headers of all limiters of this request, `Retry-After` and `Cache-Control`. Set them, never append. */
  readonly headers: [name: string, value: string][]
  /** Apart from the headers, so that it does not leak into an `onRefuse` answer. */
  readonly contentType: string
  readonly body: string
}

export interface Pass {
  readonly refused: false
  /** `undefined` when the request was skipped or no policy took part. */
  readonly decision: RequestRateLimit | undefined
  /** Wait this long before the work starts. */
  readonly delayMs: number
  /** The limit headers of all limiters that this request has met so far. Set them, never append. */
  headers(): [name: string, value: string][]
  /** To be told how the request ended, body and all, when the gate asks for it. Works once, never rejects. */
  readonly finish?: (end: End) => Promise<void>
  /** Of a request that holds any: what keeps them beside the response. */
  readonly slots?: Slots
}

/** A request on its way through. */
interface Entry<R> {
  readonly req: R
  readonly client: Client
  readonly visits: Visits
  readonly visit: Visit
}

const STATUS: Record<RefusalCode, number> = {
  RATE_LIMIT_EXCEEDED: 429,
  QUOTA_EXCEEDED: 429,
  CONCURRENCY_LIMIT_EXCEEDED: 429,
  THROTTLED: 429,
  COST_EXCEEDS_LIMIT: 413,
  LIMITER_UNAVAILABLE: 503,
}

/**
 * Builds the limiter that the options describe, and the gate in front of it.
 * @param extra options of the adapter's own, each with its check
 * @throws SpillwayError on any misuse
 */
export function createGate<R>(reader: Reader<R>, options: GateOptions<R>, extra: Checks = {}): Gate<R> {
  const { limiter, rules } = rulesOf(options, extra, () => ownIp(reader))
  const { skip, refund, body = 'problem', shadow = false, onDecision } = options
  const dialects = checkDialects(options.headers ?? ['x-ratelimit'])
  const names = rules.map(({ name }) => name)
  const leaseOf = ({ name }: Input) => limiter.policies[name]?.algorithm.lease?.ms ?? []
  const holds = rules.some(({ name }) => limiter.policies[name]?.algorithm.lease !== undefined)
  // A shadow delays nothing.
  const waits = !shadow && rules.some(({ name }) => limiter.policies[name]?.waiting !== undefined)
  const status = { ...STATUS, ...checkStatus(options.status) }

  const gate: Gate<R> = {
    limiter,

    enter(req, client = never) {
      // Node forgets the address of a client that has left, unless it was asked for before.
      reader.peer(req)
      const visits = visitsOf(reader.identity(req))
      if (visitOf(visits, gate) !== undefined) return pass(visits, undefined)
      const visit: Visit = {
        gate,
        decision: undefined,
        refused: false,
        dialects: shadow ? [] : dialects,
        stay: undefined,
      }
      visits.push(visit)
      const entry = { req, client, visits, visit }
      if (skip === undefined) return ask(entry)
      return after(call(skip, req, 'skip'), (skipped) => (skipped ? pass(visits, undefined) : ask(entry)))
    },

    decision(req) {
      checkRequest(reader, req, 'decision', 'peek')
      return visitOf(visitsOf(reader.identity(req)), gate)?.decision
    },

    async explain(req) {
      checkRequest(reader, req, 'explain', 'explain')
      const skipped = skip !== undefined && (await call(skip, req, 'skip'))
      const asked = skipped ? [] : await askedOf(rules, req)
      const own = await limiter.explain(...callOf(asked, names))
      const explanation = shadow ? watching(own) : own
      const policies = names.map((name) => {
        const input = asked.find((input) => input.name === name)
        if (input === undefined) return [name, notCounted(skipped ? 'skip' : 'when')]
        const own = explanation.policies[name]
        return [name, input.level === undefined ? own : { ...own, level: input.level }]
      })
      return { ...explanation, policies: Object.fromEntries(policies) }
    },
  }
  return gate

  function ask(entry: Entry<R>): Awaitable<Pass | Refusal> {
    return after(inputsOf(rules, entry.req), (inputs) => {
      if (inputs.length === 0) return pass(entry.visits, undefined)
      return after(reserve(inputs, entry.visits, entry.client), (held) => conclude(held, inputs, entry))
    })
  }

  function conclude(
    held: Reservation | undefined,
    inputs: readonly Input[],
    { req, client, visits, visit }: Entry<R>,
  ): Awaitable<Pass | Refusal> {
    if (held === undefined) return pass(visits, undefined)
    const decision = requestRateLimit(withLevels(held.decision, inputs), held, visits, client)
    visit.decision = decision
    if (shadow) keepToYourself(decision)
    if (onDecision !== undefined) void tell(onDecision, 'onDecision', decision, req)
    visit.refused = !decision.allowed && !shadow
    if (visit.refused) return refuse(visits, decision, req)
    const stay = decision.allowed ? stayOf(inputs, held, visits, client) : undefined
    visit.stay = stay
    return pass(visits, decision, stay)
  }

  /** `undefined` where the client has left while it waited for a slot. */
  function reserve(
    inputs: readonly Input[],
    visits: Visits,
    client: Client,
  ): Awaitable<Reservation | undefined> {
    const [keys, options] = callOf(inputs, names)
    if (waits)
      return unlessGone(signalOf(visits, client), (signal) => limiter.reserve(keys, { ...options, signal }))
    if ('reserveSync' in limiter) return (limiter as SyncLimiter).reserveSync(keys, options)
    return limiter.reserve(keys, { ...options, wait: false })
  }

  /** Most requests have nothing that would have to end. */
  function stayOf(
    inputs: readonly Input[],
    held: Reservation,
    visits: Visits,
    client: Client,
  ): Stay | undefined {
    const leases = holds ? inputs.flatMap(leaseOf) : []
    if (refund === undefined && leases.length === 0) return undefined
    const leaseMs = leases.length === 0 ? undefined : Math.min(...leases)
    return new Stay(held, { leaseMs, refund, visits, client })
  }

  function pass(visits: Visits, decision: RequestRateLimit | undefined, stay?: Stay): Pass {
    const passed: Pass = {
      refused: false,
      decision,
      delayMs: shadow ? 0 : (decision?.delayMs ?? 0),
      headers: () => limitHeaders(visits),
    }
    return stay === undefined ? passed : { ...passed, finish: stay.finish, slots: stay }
  }

  function refuse(visits: Visits, decision: RequestRateLimit, req: R): Awaitable<Refusal> {
    const code = decision.code as RefusalCode
    const headers = limitHeaders(visits)
    const { retryAfterMs } = decision
    if (retryAfterMs !== null) setHeader(headers, 'Retry-After', String(seconds(retryAfterMs)))
    setHeader(headers, 'Cache-Control', 'no-store')
    return after(bodyOf(decision, status[code], req), (own) => ({
      refused: true,
      decision,
      status: status[code],
      headers,
      contentType: own.contentType,
      body: own.body,
    }))
  }

  function bodyOf(decision: Decision, status: number, req: R): Awaitable<Body> {
    if (typeof body === 'function') {
      return call(() => after(body(decision, req, status), ownBody), req, 'body')
    }
    const requestId = requestIdOf(reader.header(req, 'x-request-id'))
    return (body === 'json' ? jsonBody : problemBody)({ decision, status, requestId })
  }
}

/** Where an adapter knows no client, none leaves. */
const never: Client = () => new AbortController().signal

/** What a signal has aborted comes to nothing. */
async function unlessGone<T>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work(signal)
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined
    throw error
  }
}

/** @throws SpillwayError `OPTION_INVALID` */
function checkRequest<R>(reader: Reader<R>, req: R, asked: string, ofKey: string): void {
  if (isWhole(reader, req)) return
  throw new SpillwayError(
    'OPTION_INVALID',
    `\`${asked}\` takes the whole request or context, not ${show(req)}: for a key write \`middleware.limiter.${ofKey}(key)\`.`,
  )
}

/** Of a part of a context there is no request to read: `ctx.req`, `c.req.raw`. */
function isWhole<R>(reader: Reader<R>, req: R): boolean {
  try {
    return typeof req === 'object' && Boolean(reader.identity(req) && reader.method(req))
  } catch {
    return false
  }
}

/** @throws SpillwayError `OPTION_INVALID`, `OPTION_UNKNOWN` */
function checkStatus(status: unknown = {}): Partial<typeof STATUS> {
  if (typeof status !== 'object' || status === null) {
    throw new SpillwayError(
      'OPTION_INVALID',
      `\`status\` is ${show(status)}: write it for a code, { RATE_LIMIT_EXCEEDED: 403 }.`,
    )
  }
  const codes = Object.keys(STATUS)
  for (const [code, value] of Object.entries(status)) {
    if (!codes.includes(code)) {
      throw new SpillwayError('OPTION_UNKNOWN', `\`status\` has no code \`${code}\`. ${suggest(code, codes)}`)
    }
    if (!Number.isInteger(value) || value < 400 || value > 599) {
      throw new SpillwayError(
        'OPTION_INVALID',
        `\`status\` of ${code} is ${show(value)}: write a status from 400 to 599.`,
      )
    }
  }
  return status
}
