import { type Awaitable, after } from '../after.js'
import type { Decision, RefusalCode } from '../decision.js'
import { SpillwayError, show } from '../errors.js'
import type { Limiter, SyncLimiter } from '../limiter.js'
import { suggest } from '../options.js'
import { tell } from '../report.js'
import type { Reservation } from '../reservation.js'
import { type Body, jsonBody, ownBody, problemBody, requestIdOf } from './body.js'
import { seconds } from './headers/dialect.js'
import { checkDialects, limitHeaders } from './headers/headers.js'
import { call, callOf, type Input, inputsOf, withLevels } from './inputs.js'
import { ownIp } from './keys/own-ip.js'
import type { GateOptions, RequestEnd } from './options.js'
import type { Reader } from './reader.js'
import { type Checks, rulesOf } from './rules.js'
import { decided, type Visit, type Visits, visitsOf } from './visits.js'

/** A limiter in front of a framework's requests. It returns data; the adapter translates it. */
export interface Gate<R, Name extends string = string> {
  readonly limiter: Limiter<Name>
  /** Decides on a request, once, however often it enters. Throws or rejects with a SpillwayError on misuse. */
  enter(req: R): Awaitable<Pass | Refusal>
  /** This gate's decision on a request that has entered it. */
  decision(req: R): Decision<Name, Name> | undefined
}

export interface Refusal {
  readonly refused: true
  readonly decision: Decision
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
  readonly decision: Decision | undefined
  /** Wait this long before the work starts. */
  readonly delayMs: number
  /** The limit headers of all limiters that this request has met so far. Set them, never append. */
  headers(): [name: string, value: string][]
  /** To be told how the request ended, body and all, when the gate asks for it. Works once, never rejects. */
  readonly finish?: (end: Pick<RequestEnd, 'status' | 'aborted'>) => Promise<void>
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
  const status = { ...STATUS, ...checkStatus(options.status) }

  const gate: Gate<R> = {
    limiter,

    enter(req) {
      // Node forgets the address of a client that has left, unless it was asked for before.
      reader.peer(req)
      const visits = visitsOf(reader.identity(req))
      if (visits.has(gate)) return pass(visits, undefined)
      const visit: Visit = { decision: undefined, refused: false, dialects: shadow ? [] : dialects }
      visits.set(gate, visit)
      return after(skip === undefined ? false : call(skip, req, 'skip'), (skipped) => {
        if (skipped) return pass(visits, undefined)
        return after(inputsOf(rules, req), (inputs) => {
          if (inputs.length === 0) return pass(visits, undefined)
          return after(charge(inputs), ({ decision, held }) => {
            visit.decision = withLevels(decision, inputs)
            if (onDecision !== undefined) void tell(onDecision, 'onDecision', visit.decision, req)
            visit.refused = !decision.allowed && !shadow
            if (!visit.refused) return pass(visits, visit.decision, held)
            return refuse(visits, visit.decision, req)
          })
        })
      })
    },

    decision: (req) => visitsOf(reader.identity(req)).get(gate)?.decision,
  }
  return gate

  /** Only a refund needs a reservation, and with it a promise. */
  function charge(inputs: readonly Input[]): Awaitable<{ decision: Decision; held?: Reservation }> {
    const [keys, options] = callOf(inputs, names)
    if (refund !== undefined) {
      return limiter.reserve(keys, options).then((held) => ({ decision: held.decision, held }))
    }
    if ('consumeSync' in limiter) return { decision: (limiter as SyncLimiter).consumeSync(keys, options) }
    return limiter.consume(keys, options).then((decision) => ({ decision }))
  }

  function pass(visits: Visits, decision: Decision | undefined, held?: Reservation): Pass {
    const finish = held?.decision.allowed ? settleOnce(visits, held) : undefined
    return {
      refused: false,
      decision,
      delayMs: shadow ? 0 : (decision?.delayMs ?? 0),
      headers: () => limitHeaders(decided(visits)),
      ...(finish === undefined ? undefined : { finish }),
    }
  }

  function refuse(visits: Visits, decision: Decision, req: R): Awaitable<Refusal> {
    const code = decision.code as RefusalCode
    const headers = limitHeaders(decided(visits))
    const { retryAfterMs } = decision
    if (retryAfterMs !== null) headers.push(['Retry-After', String(seconds(retryAfterMs))])
    headers.push(['Cache-Control', 'no-store'])
    return after(bodyOf(decision, status[code], req), (own) => ({
      refused: true,
      decision,
      status: status[code],
      headers,
      ...own,
    }))
  }

  function bodyOf(decision: Decision, status: number, req: R): Awaitable<Body> {
    if (typeof body === 'function') {
      return call(() => after(body(decision, req), ownBody), req, 'body')
    }
    const requestId = requestIdOf(reader.header(req, 'x-request-id'))
    return (body === 'json' ? jsonBody : problemBody)({ decision, status, requestId })
  }

  function settleOnce(visits: Visits, held: Reservation): NonNullable<Pass['finish']> {
    let finished = false
    return async (end) => {
      if (finished) return
      finished = true
      // A refusal further in is not this request's failure.
      const refused = [...visits.values()].some((visit) => visit.refused)
      if (await deserves({ ...end, refused })) await held.cancel()
    }
  }

  async function deserves(end: RequestEnd): Promise<boolean> {
    if (typeof refund === 'function') {
      try {
        return (await refund(end)) === true
      } catch (error) {
        console.error('spillway: `refund` threw; the charge stands.', error)
        return false
      }
    }
    if (end.aborted || end.status === undefined || end.refused) return false
    return refund === 'failed' ? end.status >= 400 : end.status < 400
  }
}

/** @throws SpillwayError `OPTION_INVALID`, `OPTION_UNKNOWN` */
function checkStatus(status: unknown = {}): Partial<typeof STATUS> {
  if (typeof status !== 'object' || status === null) {
    throw new SpillwayError('OPTION_INVALID', `\`status\` is ${show(status)}: write { QUOTA_EXCEEDED: 403 }.`)
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
