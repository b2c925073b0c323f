import { holds } from './check.js'

/** Something that happened to one key of one policy, in the order it happened. */
export interface Event {
  /** How far the clock has moved forward until then, backward steps not counted. */
  readonly at: number
  /** Admitted: charged by an admission. Added: charged without one (settling, `chargeRefused`). */
  readonly kind: 'admitted' | 'added' | 'refunded' | 'renewed' | 'released' | 'set back'
  readonly units: number
  readonly limit: number
  /** What tells a charge from others, where it may be renewed and released. */
  readonly charge?: unknown
}

/** Checks what an algorithm promises of every span of time, given all that happened. */
export type Bound = (events: readonly Event[]) => void

/** What happened from one admission to another, both included. */
interface Span {
  length: number
  admitted: bigint
  refunded: bigint
  setBacks: bigint
  /** The limit of the last admission, and the largest of all charges. */
  limit: number
  largest: number
}

/** In any span d at most `capacity + rate * d / period` units are admitted, by the largest of each in the span. */
export function paced(terms: {
  readonly period: number
  readonly rate: (limit: number) => number
  readonly capacity: (limit: number) => number
  readonly slack?: number
}): Bound {
  const { rate, capacity, slack = 0 } = terms
  const period = BigInt(terms.period)
  return eachSpan(({ length, admitted, refunded, largest }) => {
    const room = BigInt(capacity(largest)) * period + BigInt(slack)
    return admitted * period <= room + BigInt(rate(largest)) * BigInt(length) + refunded * period
  })
}

/** No admission makes it more than its limit within `window`. */
export function neverMore(window: number): Bound {
  return eachSpan(
    ({ length, admitted, refunded, limit }) => length >= window || admitted <= BigInt(limit) + refunded,
  )
}

/**
 * Within `window` at most twice the limit (`under`: less), the largest in the span; once more each time the clock was
 * set back by over a minute (or behind a charge that was given back), for then counting goes on in another window.
 */
export function twice(window: number, under: 'at most' | 'under' = 'at most'): Bound {
  const less = under === 'under' ? 1n : 0n
  return eachSpan(
    ({ length, admitted, refunded, largest, setBacks }) =>
      length >= window || admitted <= (2n + setBacks) * BigInt(largest) - less + refunded,
  )
}

/** No admission makes those more than its limit that were taken or renewed within `lease` before it and not released. */
export function heldAtOnce(lease: number): Bound {
  return (events) => {
    const held = new Map<unknown, { since: number; readonly units: number }>()
    for (const [i, { at, kind, units, limit, charge }] of events.entries()) {
      const known = held.get(charge)
      if (kind === 'released') held.delete(charge)
      else if (kind === 'renewed' && known !== undefined) known.since = at
      else if (kind === 'admitted') {
        held.set(charge, { since: at, units })
        let sum = 0
        for (const { since, units } of held.values()) if (at - since < lease) sum += units
        holds(sum <= limit, () => `${sum} held of ${limit}: ${JSON.stringify(events.slice(0, i + 1))}`)
      }
    }
  }
}

function eachSpan(holdsIn: (span: Span) => boolean): Bound {
  return (events) => {
    for (const [from, first] of events.entries()) {
      if (first.kind !== 'admitted') continue
      const span: Span = { length: 0, admitted: 0n, refunded: 0n, setBacks: 0n, limit: 0, largest: 0 }
      for (const [i, { at, kind, units, limit }] of events.slice(from).entries()) {
        if (kind === 'refunded') span.refunded += BigInt(units)
        else if (kind === 'set back') span.setBacks++
        else span.largest = Math.max(span.largest, limit)
        if (kind !== 'admitted') continue
        span.length = at - first.at
        span.admitted += BigInt(units)
        span.limit = limit
        holds(
          holdsIn(span),
          () => `too much in ${span.length} ms: ${JSON.stringify(events.slice(from, from + i + 1))}`,
        )
      }
    }
  }
}
