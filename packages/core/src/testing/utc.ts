import type { Period } from '../algorithms/quota/calendar.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The calendar period in UTC that holds this moment, by the rules of `Date` alone. */
export function periodOf(now: number, period: Period): [start: number, end: number] {
  const date = new Date(now)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  if (period === 'hour') return [now - (now % HOUR), now - (now % HOUR) + HOUR]
  const midnight = Date.UTC(year, month, date.getUTCDate())
  if (period === 'day') return [midnight, midnight + DAY]
  if (period === 'month') return [Date.UTC(year, month), Date.UTC(year, month + 1)]
  if (period === 'year') return [Date.UTC(year), Date.UTC(year + 1)]
  const monday = midnight - ((date.getUTCDay() + 6) % 7) * DAY
  return [monday, monday + 7 * DAY]
}

/** The shortest that such a period can be. */
export function lengthOf(period: Period): number {
  return { hour: HOUR, day: DAY, week: 7 * DAY, month: 28 * DAY, year: 365 * DAY }[period]
}
