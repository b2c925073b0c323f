import { type Oracle, SET_BACK_MS } from '../oracle.js'

interface Lease {
  end: number
  readonly units: number
}

/** Leases in a list; each holds its units until its end. Those that have ended are dropped when another one is taken. */
export function leaseOracle(length: number): Oracle {
  let leases: Lease[] = []
  const holding = (at: number) => leases.filter(({ end }) => end > at)
  const used = (at: number) => holding(at).reduce((sum, { units }) => sum + units, 0)
  const isTooLate = (now: number) => (lease: Lease) => lease.end > now + length + SET_BACK_MS

  return {
    isAhead: (now) => leases.some(isTooLate(now)),

    carryOver(now) {
      for (const lease of leases.filter(isTooLate(now))) lease.end = now + length
    },

    admits: (at, cost, limit) => used(at) + cost <= limit,
    used,
    idle: (at) => used(at) === 0,

    charge(now, units) {
      const lease = { end: now + length, units }
      leases = [...holding(now), lease]
      return lease
    },

    chargeRefused() {},
    refund() {},

    renew(now, charge) {
      const own = charge as Lease
      if (!holding(now).includes(own)) return false
      own.end = now + length
      return true
    },

    release(charge) {
      leases = leases.filter((lease) => lease !== charge)
    },
  }
}
