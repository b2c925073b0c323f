/**
 * What an algorithm promises, told in the plainest way: as a list of what was charged, with nothing kept up to date and
 * nothing clever. It is slow, exact, and shares no line with the implementation.
 */
export interface Oracle {
  /** Whether the newest charge is more than 60 s ahead of the clock, which must have been set back. */
  isAhead(now: number): boolean
  /** What every consume does then, before anything else: carries over to `now` what was charged. */
  carryOver(now: number): void
  /** Whether this cost is free at that moment, if nothing else happens until then. */
  admits(at: number, cost: number, limit: number): boolean
  used(at: number, limit: number): number
  /** Whether nothing is left of what was charged. */
  idle(at: number): boolean
  /** @returns the charge, to be refunded by */
  charge(now: number, cost: number, limit: number): unknown
  chargeRefused(now: number, cost: number, limit: number): void
  /** Where what it refuses is punished: it has just refused. */
  punish?(now: number): void
  refund(now: number, units: number, limit: number, charge: unknown): void
  /** Where a charge is a lease: holds it anew from now. Answers whether it still held. */
  renew?(now: number, charge: unknown): boolean
  release?(charge: unknown): void
  /** How much later work that is admitted at this moment begins. */
  delay?(now: number, cost: number, limit: number): number
}

export const SET_BACK_MS = 60_000

/** Counts end here: a charge that nobody admitted, `chargeRefused` or settling, adds no more than what is missing to it. */
export const FULL: number = 2 ** 52

/** The first wait after which the cost is admitted: tried out, not calculated. It must fit. */
export function waitFor(oracle: Oracle, now: number, cost: number, limit: number): number {
  if (oracle.admits(now, cost, limit)) return 0
  let [refused, admitted] = [0, 1]
  while (!oracle.admits(now + admitted, cost, limit)) [refused, admitted] = [admitted, admitted * 2]
  while (admitted - refused > 1) {
    const middle = Math.floor((admitted + refused) / 2)
    if (oracle.admits(now + middle, cost, limit)) admitted = middle
    else refused = middle
  }
  return admitted
}
