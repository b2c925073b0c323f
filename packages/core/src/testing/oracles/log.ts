import { FULL, type Oracle, SET_BACK_MS } from '../oracle.js'

interface Entry {
  time: number
  units: number
}

/**
 * Charges in a list; each counts while `time + window > now`. With `segments` a charge joins the last entry if there are
 * already so many entries and it lies in the same segment; without, none ever does.
 */
export function logOracle(window: number, segments?: number): Oracle {
  let entries: Entry[] = []
  const counting = (at: number) => entries.filter(({ time }) => time + window > at)
  const used = (at: number) => counting(at).reduce((sum, { units }) => sum + units, 0)

  function joined(time: number): Entry | undefined {
    const last = entries.at(-1)
    if (last === undefined || segments === undefined) return undefined
    const length = Math.ceil(window / segments)
    const full = entries.length >= segments
    const isSame = Math.floor(time / length) === Math.floor(last.time / length)
    return time === last.time || (full && isSame) ? last : undefined
  }

  function charge(now: number, cost: number): { entry: Entry; time: number } {
    entries = counting(now)
    const time = Math.max(now, entries.at(-1)?.time ?? now)
    const units = Math.min(cost, FULL - used(now))
    const entry = joined(time) ?? { time, units: 0 }
    if (units === 0) return { entry, time }
    if (!entries.includes(entry)) entries.push(entry)
    entry.time = time
    entry.units += units
    return { entry, time }
  }

  return {
    isAhead: (now) => entries.some(({ time }) => time > now + SET_BACK_MS),

    carryOver(now) {
      entries = [{ time: now, units: used(now) }]
    },

    admits(at, cost, limit) {
      return used(at) + cost <= limit
    },

    used,
    idle: (at) => used(at) === 0,
    charge,
    chargeRefused: charge,

    refund(now, units, _limit, charged) {
      const { entry, time } = charged as ReturnType<typeof charge>
      // Time stands still for a key that is ahead of the clock.
      if (time + window <= Math.max(now, entries.at(-1)?.time ?? now)) return
      entry.units -= Math.min(units, entry.units)
      entries = entries.filter((other) => other.units > 0)
    },
  }
}
