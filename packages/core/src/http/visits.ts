import type { Decision } from '../decision.js'
import type { Dialect, HeaderSource } from './headers/headers.js'

/** What one gate did with one request. */
export interface Visit {
  decision: Decision | undefined
  /** Whether it answered the request with a refusal; a shadow gate never does. */
  refused: boolean
  readonly dialects: readonly Dialect[]
}

/** The visits of a request by gate, outermost first. */
export type Visits = Map<object, Visit>

const VISITS = Symbol.for('spillway.visits')

/** Kept on the request itself, under a global symbol, so that two copies of this package see each other's. */
export function visitsOf(request: object): Visits {
  const holder = request as { [VISITS]?: Visits }
  holder[VISITS] ??= new Map()
  return holder[VISITS]
}

/** Those that came to a decision. */
export function decided(visits: Visits): HeaderSource[] {
  return [...visits.values()].flatMap(({ decision, dialects }) =>
    decision === undefined ? [] : [{ decision, dialects }],
  )
}
