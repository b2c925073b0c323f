import { FULL, type Oracle, SET_BACK_MS } from '../oracle.js'

interface Charge {
  start: number
  end: number
  units: number
}

/** Charges in a list; those of the window that has not ended count. `soft` never refuses. */
export function windowOracle(windowOf: (now: number) => [start: number, end: number], soft = false): Oracle {
  let charges: Charge[] = []

  /** The charges of the newest window, if it has not ended by then. */
  function counting(at: number): Charge[] {
    const last = charges.at(-1)
    if (last === undefined || at >= last.end) return []
    return charges.filter(({ start }) => start === last.start)
  }
  const used = (at: number) => counting(at).reduce((sum, { units }) => sum + units, 0)

  function charge(now: number, cost: number): Charge {
    const [last] = used(now) === 0 ? [] : counting(now)
    const [start, end] = last === undefined ? windowOf(now) : [last.start, last.end]
    const charged = { start, end, units: Math.min(cost, FULL - used(now)) }
    if (last === undefined) charges = []
    charges.push(charged)
    return charged
  }

  return {
    isAhead: (now) => used(now) > 0 && charges.some(({ start }) => start > now + SET_BACK_MS),

    carryOver(now) {
      const [start, end] = windowOf(now)
      for (const charge of counting(now)) Object.assign(charge, { start, end })
    },

    admits: (at, cost, limit) => soft || used(at) + cost <= limit,
    used,
    idle: (at) => used(at) === 0,
    charge,
    chargeRefused: charge,

    refund(now, units, _limit, charged) {
      const own = charged as Charge
      if (counting(now).includes(own)) own.units -= Math.min(units, own.units)
    },
  }
}
