import type { Awaitable } from '../after.js'
import type { Op } from '../algorithms/algorithm.js'
import { SpillwayError, show } from '../errors.js'
import { tell } from '../report.js'
import type { Mode, Outcome, Plan, Store } from '../store.js'
import { Deadline, onceRead } from './deadline.js'
import type { Denial } from './deny-cache.js'
import { type Fallback, fallbackTo, type StandIn } from './fallback.js'
import { type Letter, Outbox } from './outbox.js'
import { poolOf, sharedOn } from './shared.js'

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
  /** Rejects for what changes, or keeps, something in the store: no stand-in can do these. */
  readonly ask: (ops: readonly Op[], mode: Mode, now?: number) => Awaitable<Answer>
  /** The store's clock, as far as we know. */
  readonly clock: () => number
}

/** A decision that will renew a refusal, and whether the turn in which it was asked for is over. */
interface Renewal {
  readonly decision: Promise<Answer>
  isSent: boolean
}

/** A key that holds something strange is told of once in this time. */
const MALFORMED_EVERY_MS = 60_000

/**
 * Surrounds an asynchronous store, so that every decision comes within its deadline: by the store, by a refusal that is
 * still certain, or by the fallback.
 */
export function guarded(
  store: Store,
  plan: Plan,
  { deadlineMs, fallback, denyCacheMs, onError = complain }: GuardOptions,
): Guarded {
  const apply = store.prepare(plan)
  const shared = sharedOn(store)
  const { breaker } = shared
  const pool = poolOf(shared, plan)
  const { denials } = pool
  const clock = () => shared.clock.now()
  const standIn = fallbackTo(fallback, plan, pool, clock, () => breaker.waitMs(performance.now()))
  const renewals = new Map<string, Renewal>()
  const outbox = new Outbox(send, tellLost)
  let malformedTold = Number.NEGATIVE_INFINITY

  return { ask, clock }

  function ask(ops: readonly Op[], mode: Mode, given?: number): Awaitable<Answer> {
    const started = performance.now()
    const denial = mode === 'consume' ? known(ops, given ?? started) : undefined
    // What is certain by now needs no promise.
    if (denial !== undefined && denial.ageMs < denyCacheMs) return denial
    const deadline = new Deadline(deadlineMs, started)
    // Who waits for another's answer must have the time to ask after it.
    const isToWait = denial !== undefined && breaker.outage === undefined && 2 * denial.tookMs <= deadlineMs
    return isToWait ? renew(ops, given, deadline) : decide(ops, mode, given, deadline)
  }

  function known(ops: readonly Op[], at: number): Denial | undefined {
    return denyCacheMs > 0 ? denials?.refusal(ops, at) : undefined
  }

  /** Of those that find the same refusal too old at a time, one asks, and the others wait for its answer. */
  async function renew(ops: readonly Op[], given: number | undefined, deadline: Deadline): Promise<Answer> {
    const id = JSON.stringify(ops.map(({ policy, key }) => [policy, key]))
    const renewal = renewals.get(id)
    if (renewal === undefined) {
      const decision = decide(ops, 'consume', given, deadline)
      const begun = { decision, isSent: false }
      renewals.set(id, begun)
      onceRead(() => {
        begun.isSent = true
      })
      return decision.finally(() => renewals.delete(id))
    }
    // In the same turn a store can decide on both at once, in their order.
    if (!renewal.isSent) return decide(ops, 'consume', given, deadline)
    const answer = await deadline.wait(() => renewal.decision).catch(() => undefined)
    if (answer === undefined || answer.source !== undefined) {
      tellOutage()
      return standIn(ops, 'consume', given)
    }
    // What has begun to admit since then refused when this request came.
    for (const at of given === undefined ? [performance.now(), deadline.started] : [given]) {
      const denial = known(ops, at)
      if (denial !== undefined && denial.ageMs < denyCacheMs) return denial
    }
    // The store has become slow: its answer would come too late, and it would have charged.
    if (2 * deadline.left() < deadlineMs) return standIn(ops, 'consume', given)
    return decide(ops, 'consume', given, deadline)
  }

  /** By the store, or by what stands in for it. */
  function decide(
    ops: readonly Op[],
    mode: Mode,
    given: number | undefined,
    deadline: Deadline,
  ): Promise<Answer> {
    const asked = deadline.started
    if (breaker.allows(asked)) return askStore(ops, mode, given, deadline, instead)
    tellOutage()
    return instead('it did not answer before', ops, mode, given, asked, false)
  }

  /** Where the store has failed, or was not asked. */
  async function instead(
    cause: unknown,
    ops: readonly Op[],
    mode: Mode,
    given: number | undefined,
    asked: number,
    wasAsked = true,
  ): Promise<Answer> {
    const isDoubtful = wasAsked && !isMalformed(cause)
    if (mode === 'consume') {
      if (isDoubtful) releaseSlots(ops, given, asked)
      return { ...standIn(ops, mode, given), isDoubtful }
    }
    if (mode === 'peek') return standIn(ops, mode, given)
    if ((mode === 'adjust' || mode === 'release') && !isMalformed(cause)) {
      outbox.add({ ops, mode, given, since: asked })
      // What runs no more is not to keep others out until the store is back.
      pool.local?.apply(ops, mode, given ?? clock())
    }
    throw failure(cause, `It may not have heard the \`${mode}\`: ask again once it answers.`)
  }

  /** Something else decides: a slot that the store may have given all the same belongs to nobody. */
  function releaseSlots(ops: readonly Op[], given: number | undefined, since: number): void {
    const slots = ops.filter(({ id, cost }) => id !== undefined && cost > 0)
    if (slots.length > 0) outbox.add({ ops: slots, mode: 'release', given, since, isOurs: true })
  }

  /** What the store did not hear before. Answers whether it has by now. */
  async function send({ ops, mode, given, isOurs = false }: Letter): Promise<boolean> {
    const deadline = new Deadline(deadlineMs)
    if (!breaker.allows(deadline.started)) return false
    return (await askStore(ops, mode, given, deadline, isMalformed, isOurs)) !== false
  }

  /**
   * Only where the breaker allows it. Every decision comes by here: it makes as few promises as it can.
   * @param otherwise what to answer where the store has failed
   */
  function askStore<T>(
    ops: readonly Op[],
    mode: Mode,
    given: number | undefined,
    deadline: Deadline,
    otherwise: Otherwise<T>,
    isOurs = false,
  ): Promise<Outcome | T> {
    const asked = deadline.started
    const changes = mode === 'reset' || mode === 'adjust'
    if (changes) denials?.forget(ops, given ?? asked)
    const sent = Date.now()
    const attempt = { over: false }

    function answered(outcome: Outcome): Awaitable<Outcome | T> {
      if (!Array.isArray(outcome?.results)) return lost(new TypeError(`it answered ${show(outcome)}`))
      if (changes) denials?.forget(ops, given ?? performance.now())
      breaker.succeeded()
      if (outbox.size > 0) void outbox.deliver()
      if (given === undefined) shared.clock.heard(outcome.now, sent, Date.now())
      if (outcome.results.length > 0 && !isOurs) learn(ops, mode, outcome, given, asked)
      return outcome
    }

    function lost(cause: unknown): Awaitable<T> {
      attempt.over = true
      if (changes) denials?.forget(ops, given ?? performance.now())
      failed(cause, asked)
      return otherwise(cause, ops, mode, given, asked)
    }

    return deadline.wait(() => apply(ops, mode, given, attempt)).then(answered, lost)
  }

  function learn(
    ops: readonly Op[],
    mode: Mode,
    outcome: Outcome,
    given: number | undefined,
    asked: number,
  ): void {
    pool.local?.follow(ops, mode, outcome)
    if (mode !== 'consume') return
    if (outcome.passed || outcome.compensated) denials?.drop(ops)
    else if (denyCacheMs > 0) denials?.remember(ops, outcome, given ?? asked, given ?? performance.now())
  }

  /** Something strange under one key says nothing about the store. */
  function failed(cause: unknown, asked: number): void {
    const now = performance.now()
    if (isMalformed(cause)) {
      breaker.succeeded()
      if (now - malformedTold < MALFORMED_EVERY_MS) return
      malformedTold = now
      void tell(onError, 'onError', cause)
      return
    }
    breaker.failed(cause, asked, now)
    tellOutage()
  }

  /** By the first limiter of each listener that finds the store away: one that listens to many hears it once. */
  function tellOutage(): void {
    const { outage } = breaker
    if (outage === undefined || outage.told.has(onError)) return
    outage.told.add(onError)
    void tell(onError, 'onError', failure(outage.cause))
  }

  function tellLost(since: number, ever: number): void {
    const lost = new SpillwayError(
      'SETTLEMENT_LOST',
      `The store of limiter '${plan.name}' did not hear ${since} of its settlements and releases (${ever} so far): ` +
        'what they would have given back stays charged until it counts no more, and slots are held until their leases have passed.',
    )
    void tell(onError, 'onError', lost)
  }

  function failure(
    cause: unknown,
    then = `Until it answers, \`fallback: '${fallback}'\` decides.`,
  ): SpillwayError {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `The store of limiter '${plan.name}' failed: ${reason}. ${then}`
    return new SpillwayError('STORE_FAILED', message, { cause })
  }
}

type Otherwise<T> = (
  cause: unknown,
  ops: readonly Op[],
  mode: Mode,
  given: number | undefined,
  asked: number,
) => Awaitable<T>

function isMalformed(cause: unknown): cause is SpillwayError {
  return cause instanceof SpillwayError && cause.code === 'STATE_MALFORMED'
}

function complain(error: SpillwayError): void {
  console.error(`spillway: ${error.message}`)
}
