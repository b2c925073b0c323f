import type { Dialect } from './headers/headers.js'
import type { RequestRateLimit } from './request-rate-limit.js'
import type { Stay } from './stay.js'

/** What one gate did with one request. */
export interface Visit {
  readonly gate: object
  decision: RequestRateLimit | undefined
  /** Whether it answered the request with a refusal; a shadow gate never does. */
  refused: boolean
  readonly dialects: readonly Dialect[]
  /** What the request holds until it is over. */
  stay: Pick<Stay, 'hold'> | undefined
}

/** The visits of a request, one for each gate, outermost first. They are few: a list is found through faster than a map. */
export type Visits = Visit[] & {
  /** Of the request's signal; made when it is asked for. */
  departure?: AbortController
  /** Whether the answer is complete: who leaves after it has not left early. */
  isAnswered?: boolean
}

/** A signal that aborts when the client has left. */
export type Client = () => AbortSignal

const VISITS = Symbol.for('spillway.visits')

/** Kept on the request itself, under a global symbol, so that two copies of this package see each other's. */
export function visitsOf(request: object): Visits {
  const holder = request as { [VISITS]?: Visits }
  // Express' requests are slow to read: not once more than needed.
  const visits = holder[VISITS] ?? []
  holder[VISITS] = visits
  return visits
}

export function visitOf(visits: Visits, gate: object): Visit | undefined {
  return visits.find((visit) => visit.gate === gate)
}

/** One for all gates of the request. Aborts when the client has left before it was answered. */
export function signalOf(visits: Visits, client: Client): AbortSignal {
  return departureOf(visits, client).signal
}

/** Aborts the request's signal: the client is there, but the work must not go on. */
export function stop(visits: Visits, client: Client, reason: Error): void {
  departureOf(visits, client).abort(reason)
}

function departureOf(visits: Visits, client: Client): AbortController {
  if (visits.departure !== undefined) return visits.departure
  const controller = new AbortController()
  visits.departure = controller
  const gone = client()
  const leave = () => {
    if (!visits.isAnswered) controller.abort(gone.reason)
  }
  if (gone.aborted) leave()
  else gone.addEventListener('abort', leave, { once: true })
  return controller
}
