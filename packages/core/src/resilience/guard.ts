import type { Op } from '../algorithms/algorithm.js'
import { SpillwayError } from '../errors.js'
import { tell } from '../report.js'
import type { Apply, Mode, Outcome, Plan } from '../store.js'
import { Breaker } from './breaker.js'
import { within } from './deadline.js'
import { DenyCache } from './deny-cache.js'
import { type Fallback, fallbackTo, type StandIn } from './fallback.js'

/** What decided: the store, or something that stood in for it. */
export type Answer = Outcome & Partial<StandIn>

export interface GuardOptions {
  readonly deadlineMs: number
  readonly fallback: Fallback
  /** 0 for no deny cache. */
  readonly denyCacheMs: number
  readonly onError: ((error: SpillwayError) => void) | undefined
}

export interface Guarded {
  /** Rejects for `reset` and `adjust` only: no stand-in can do these. */
  readonly ask: (ops: readonly Op[], mode: Mode, now?: number) => Promise<Answer>
  /** The store's clock, as far as we know. */
  readonly clock: () => number
}

/** A key that holds something strange is told of once in this time. */
const MALFORMED_EVERY_MS = 60_000

/**
 * Surrounds an asynchronous store, so that every decision comes within its deadline: by the store, by a refusal that is
 * still certain, or by the fallback.
 */
export function guarded(
  plan: Plan,
  apply: Apply,
  { deadlineMs, fallback, denyCacheMs, onError = complain }: GuardOptions,
): Guarded {
  const breaker = new Breaker()
  const isCached = denyCacheMs > 0 && !plan.policies.some(({ chargeRefused }) => chargeRefused)
  const denials = isCached ? new DenyCache(plan, denyCacheMs, deadlineMs) : undefined
  /** How far the store's clock is ahead of ours. */
  let ahead = 0
  const clock = () => Date.now() + ahead
  const standIn = fallbackTo(fallback, plan, clock, () => breaker.waitMs(performance.now()))
  let malformedTold = Number.NEGATIVE_INFINITY
  /** What the present row of failures began with: those after it may say no more than that the connection is gone. */
  let firstCause: unknown

  return { ask, clock }

  async function ask(ops: readonly Op[], mode: Mode, given?: number): Promise<Answer> {
    const asked = performance.now()
    const changes = mode === 'reset' || mode === 'adjust'
    if (changes) denials?.forget(ops, given ?? asked)
    if (mode === 'consume') {
      const denial = denials?.refusal(ops, given ?? asked)
      if (denial !== undefined) return { ...denial, source: 'deny-cache' }
    }
    if (!breaker.allows(asked)) return instead(ops, mode, given, 'it did not answer before')
    try {
      const outcome = await within(deadlineMs, (async () => apply(ops, mode, given))())
      if (outcome.results.length > 0) learn(ops, mode, given, outcome, asked)
      succeeded()
      return outcome
    } catch (cause) {
      fail(cause, asked)
      return instead(ops, mode, given, cause)
    } finally {
      if (changes) denials?.forget(ops, given ?? performance.now())
    }
  }

  function learn(
    ops: readonly Op[],
    mode: Mode,
    given: number | undefined,
    outcome: Outcome,
    asked: number,
  ): void {
    if (given === undefined) ahead = outcome.now - Date.now()
    standIn.follow(ops, mode, outcome)
    if (mode !== 'consume') return
    if (outcome.passed || outcome.compensated) denials?.drop(ops)
    else denials?.remember(ops, outcome, given ?? asked, given ?? performance.now())
  }

  function succeeded(): void {
    breaker.succeeded()
    firstCause = undefined
  }

  /** Something strange under one key says nothing about the store. */
  function fail(cause: unknown, asked: number): void {
    const now = performance.now()
    if (cause instanceof SpillwayError && cause.code === 'STATE_MALFORMED') {
      succeeded()
      if (now - malformedTold < MALFORMED_EVERY_MS) return
      malformedTold = now
      void tell(onError, 'onError', cause)
      return
    }
    firstCause ??= cause
    if (breaker.failed(asked, now)) void tell(onError, 'onError', failure(firstCause))
  }

  function instead(ops: readonly Op[], mode: Mode, given: number | undefined, cause: unknown): Answer {
    if (mode === 'reset' || mode === 'adjust') throw failure(cause)
    return standIn.decide(ops, mode, given)
  }

  function failure(cause: unknown): SpillwayError {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new SpillwayError(
      'STORE_FAILED',
      `The store of limiter '${plan.name}' failed: ${reason}. Until it answers, \`fallback: '${fallback}'\` decides.`,
      { cause },
    )
  }
}

function complain(error: SpillwayError): void {
  console.error(`spillway: ${error.message}`, error.cause ?? '')
}
