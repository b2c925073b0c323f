import { FULL, type Oracle, SET_BACK_MS } from '../oracle.js'

interface Charge {
  /** When the window began that it was charged in. */
  window: number
  units: number
}

/** Charges in a list; those of this window count in full, those of the one before for the share of it that still overlaps. */
export function counterOracle(window: number): Oracle {
  let charges: Charge[] = []
  const windowOf = (at: number) => Math.floor(at / window) * window
  const newest = () => charges.at(-1)?.window ?? Number.NEGATIVE_INFINITY
  const within = (start: number) =>
    charges.filter((charge) => charge.window === start).reduce((sum, { units }) => sum + units, 0)

  /** This window's count, the last one's, and how much of the last one overlaps, of `window`. */
  function counts(at: number): [current: bigint, previous: bigint, overlap: bigint] {
    const start = Math.max(windowOf(at), newest())
    const elapsed = Math.max(0, at - start)
    return [BigInt(within(start)), BigInt(within(start - window)), BigInt(window - elapsed)]
  }

  function charge(now: number, cost: number): Charge {
    if (within(newest()) + within(newest() - window) === 0) charges = []
    const start = Math.max(windowOf(now), newest())
    const charged = { window: start, units: Math.min(cost, FULL - within(start)) }
    charges.push(charged)
    return charged
  }

  return {
    isAhead: (now) => newest() > now + SET_BACK_MS,

    carryOver(now) {
      const back = newest() - windowOf(now)
      for (const charge of charges) charge.window -= back
    },

    admits(at, cost, limit) {
      const [current, previous, overlap] = counts(at)
      const room = BigInt(limit) - current - BigInt(cost)
      return room >= 0n && previous * overlap <= room * BigInt(window)
    },

    used(at) {
      const [current, previous, overlap] = counts(at)
      return Number(current + (previous * overlap + BigInt(window) - 1n) / BigInt(window))
    },

    idle(at) {
      const [current, previous] = counts(at)
      return current + previous === 0n
    },

    charge,
    chargeRefused: charge,

    refund(now, units, _limit, charged) {
      const own = charged as Charge
      if (own.window === Math.max(windowOf(now), newest())) own.units -= Math.min(units, own.units)
    },
  }
}
