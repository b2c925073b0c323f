import { FULL, type Oracle, SET_BACK_MS } from '../oracle.js'

export interface MeterTerms {
  /** One unit is worth this much of the level. */
  readonly period: number
  readonly rate: (limit: number) => number
  readonly capacity: (limit: number) => number
  readonly slack?: number
  readonly shapes?: boolean
}

/** Something poured in, or taken out when negative; from then on it drains at this rate per ms. */
interface Pour {
  time: number
  readonly amount: bigint
  readonly rate: bigint
}

const MOST = BigInt(FULL)

/**
 * A bucket with a hole, by the theorem of queues instead of a running level: what is in it now is the most that any
 * run of the latest pours exceeds what could have drained since that run began.
 */
export function meterOracle({ period, rate, capacity, slack = 0, shapes = false }: MeterTerms): Oracle {
  let pours: Pour[] = []
  const unit = BigInt(period)
  const room = (limit: number) => BigInt(capacity(limit)) * unit + BigInt(slack)
  const newest = () => (pours.at(-1) as Pour).time

  function level(at: number): bigint {
    if (pours.length === 0) return 0n
    let [most, excess, later] = [0n, 0n, Math.max(at, newest())]
    for (const { time, amount, rate } of pours.toReversed()) {
      excess += amount - rate * BigInt(later - time)
      later = time
      if (excess > most) most = excess
    }
    return most
  }

  function pour(now: number, amount: bigint, rate: bigint): Pour {
    if (level(now) === 0n) pours = []
    const poured = { time: pours.length === 0 ? now : Math.max(now, newest()), amount, rate }
    pours.push(poured)
    return poured
  }

  return {
    isAhead: (now) => pours.length > 0 && newest() > now + SET_BACK_MS && level(newest()) > 0n,

    carryOver(now) {
      const back = newest() - now
      for (const poured of pours) poured.time -= back
    },

    admits: (at, cost, limit) => level(at) <= room(limit) - BigInt(cost) * unit,

    used: (at) => Math.max(0, Number(ceil(level(at) - BigInt(slack), unit))),

    idle: (at) => level(at) === 0n,

    charge(now, cost, limit) {
      const [before, wanted] = [level(now), BigInt(cost) * unit]
      return pour(now, least(wanted, MOST - before), BigInt(rate(limit)))
    },

    chargeRefused(now, cost, limit) {
      const free = room(limit) - level(now)
      pour(now, free < 0n ? 0n : least(BigInt(cost) * unit, free), BigInt(rate(limit)))
    },

    refund(now, units, limit, charge) {
      const toDrain = ceil(BigInt(capacity(limit)) * unit, BigInt(rate(limit)))
      if (shapes || BigInt(now - (charge as Pour).time) >= toDrain) return
      if (level(now) === 0n) pours = []
      else pour(now, -least(BigInt(units) * unit, level(now)), (pours.at(-1) as Pour).rate)
    },

    delay(now, cost, limit) {
      if (!shapes || level(now) === 0n) return 0
      const drain = cost === 0 ? (pours.at(-1) as Pour).rate : BigInt(rate(limit))
      return Math.max(0, newest() - now) + Number(ceil(level(now), drain))
    },
  }
}

function ceil(a: bigint, b: bigint): bigint {
  return a <= 0n ? a / b : (a + b - 1n) / b
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
