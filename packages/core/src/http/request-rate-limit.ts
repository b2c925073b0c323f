import { isPromise } from '../after.js'
import type { PerPolicy } from '../call.js'
import type { Decision, Unnamed } from '../decision.js'
import { SpillwayError, show } from '../errors.js'
import type { MeterOptions, Reservation } from '../reservation.js'
import { type Client, signalOf, type Visits } from './visits.js'

/** The decision on a request, and what its handler may do with what was charged for it. */
export type RequestRateLimit<Name extends string = string, Optional extends Name = Unnamed<Name>> = Decision<
  Name,
  Optional
> &
  RequestWork<Name>

interface RequestWork<Name extends string> {
  /**
   * Moves the charge to what the request really cost: units for every policy, or for some by name. Then `refund` gives nothing
   * back. Slots stay held. Answers whether the store heard it: false the second time, and on a request that was refused.
   * Rejects with `COST_INVALID` or `OPTION_UNKNOWN` on misuse.
   */
  settle(actual?: PerPolicy<Name>): Promise<boolean>
  /** Counts what the request produces while it does, as a reservation's `meter` does. */
  meter(units: PerPolicy<Name>, options?: MeterOptions): Promise<boolean>
  /**
   * Keeps the slots that this request holds, those of outer limiters too, until `work` has settled; it is for the time after
   * the response, and for work that does not end with it. Slots that are released already, after the response, it cannot
   * keep. Answers `work`; its rejection is yours to handle: where a slot is held the runtime does not report it as unhandled.
   * @throws SpillwayError `OPTION_INVALID` when `work` is no promise
   */
  hold<Work extends PromiseLike<unknown>>(work: Work): Work
  /** Aborts when the client has left before it was answered, or when a slot was lost (`LEASE_LOST`). */
  readonly signal: AbortSignal
}

type Fields = { readonly [Field in keyof Decision]: Decision[Field] }

/** A decision's own fields, so that it can be logged as one; all else is on the prototype, and made when it is asked for. */
class DecisionOnRequest implements Fields, RequestWork<string> {
  declare readonly allowed: Decision['allowed']
  declare readonly code: Decision['code']
  declare readonly policy: string
  declare readonly limit: number
  declare readonly used: number
  declare readonly remaining: number
  declare readonly retryAfterMs: Decision['retryAfterMs']
  declare readonly resetMs: number
  declare readonly delayMs: number
  declare readonly adviseMs: number
  declare readonly now: number
  declare readonly policies: Decision['policies']
  declare readonly source: Decision['source']
  declare readonly atomic: boolean
  readonly #held: Reservation
  readonly #visits: Visits
  readonly #client: Client

  constructor(decision: Decision, held: Reservation, visits: Visits, client: Client) {
    this.allowed = decision.allowed
    this.code = decision.code
    this.policy = decision.policy
    this.limit = decision.limit
    this.used = decision.used
    this.remaining = decision.remaining
    this.retryAfterMs = decision.retryAfterMs
    this.resetMs = decision.resetMs
    this.delayMs = decision.delayMs
    this.adviseMs = decision.adviseMs
    this.now = decision.now
    this.policies = decision.policies
    this.source = decision.source
    this.atomic = decision.atomic
    this.#held = held
    this.#visits = visits
    this.#client = client
  }

  // Bound, for those who take them apart: `const { hold } = req.rateLimit`.
  get settle(): RequestWork<string>['settle'] {
    return (actual) => this.#held.settle(actual, { release: false })
  }

  get meter(): RequestWork<string>['meter'] {
    return (units, options) => this.#held.meter(units, options)
  }

  get hold(): RequestWork<string>['hold'] {
    return (work) => {
      if (!isPromise(work)) {
        const message = `\`hold\` takes the promise of the work, not ${show(work)}: write \`hold(work())\`.`
        throw new SpillwayError('OPTION_INVALID', message)
      }
      for (const { stay } of this.#visits) stay?.hold(work)
      return work
    }
  }

  get signal(): AbortSignal {
    return signalOf(this.#visits, this.#client)
  }
}

export function requestRateLimit(
  decision: Decision,
  held: Reservation,
  visits: Visits,
  client: Client,
): RequestRateLimit {
  return new DecisionOnRequest(decision, held, visits, client) as RequestRateLimit
}
