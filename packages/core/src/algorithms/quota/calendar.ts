import { show } from '../../errors.js'
import type { Edges } from '../algorithm.js'

export type Period = 'hour' | 'day' | 'week' | 'month' | 'year'

/** Day of the month 1-31 (month), ISO weekday 1-7 (week; Monday is 1), `{ month, day }` (year). */
export type Anchor = number | { readonly month: number; readonly day: number }

/** What to add to an instant to read it as local time, in ms. */
type Offset = (instant: number) => number

/** The label (a local midnight, written as if it were UTC) `step` periods from the one near a local time. */
type Label = (local: number, step: number) => number

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NEW_YEAR: Anchor = { month: 1, day: 1 }

/** Enough for four edges, even where two labels share an instant or the clock goes back over one. */
const STEPS = [-4, -3, -2, -1, 0, 1, 2, 3, 4] as const

/**
 * Returns, for an instant, four consecutive edges `e0 < e1 <= now < e2 < e3` in epoch ms. An edge is the
 * first instant whose local time is at or after midnight of its label; for `'hour'`, any instant at which the
 * local clock shows a full hour. The last answer is kept: asking again in its period costs two comparisons.
 * @throws RangeError for an unknown period or time zone, or an anchor that does not suit the period.
 */
export function calendar(period: Period, timeZone: string, anchor?: Anchor): (now: number) => Edges {
  const label = labels(period, anchor)
  const offset = offsets(timeZone)
  let last: Edges | undefined

  return function edges(now) {
    if (last !== undefined && last[1] <= now && now < last[2]) return last
    const local = now + offset(now)
    const found = label ? STEPS.map((step) => edgeAt(label(local, step), offset)) : fullHours(now, offset)
    const sorted = [...new Set(found)].sort((a, b) => a - b)
    const next = sorted.findIndex((edge) => edge > now)
    last = sorted.slice(next - 2, next + 2) as unknown as Edges
    return last
  }
}

// Both searches expect at most one change of offset within a day either way: since 1960 no zone in the tz
// database has had two within six days.

/** The edge of a label: of a repeated midnight the first, of a missing one the jump. */
function edgeAt(label: number, offset: Offset): number {
  let [from, to] = [label - DAY, label + DAY]
  const [before, after] = [offset(from), offset(to)]
  if (before === after) return label - before
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2)
    if (offset(middle) === before) from = middle
    else to = middle
  }
  return label - before < to ? label - before : Math.max(to, label - after)
}

/** Full hours by the offset before a change nearby and by the one after it, each where it is in force. */
function fullHours(now: number, offset: Offset): number[] {
  return [offset(now - 5 * HOUR), offset(now + 5 * HOUR)].flatMap((shift) => {
    const hour = Math.floor((now + shift) / HOUR)
    return STEPS.map((step) => (hour + step) * HOUR - shift).filter((instant) => offset(instant) === shift)
  })
}

function offsets(timeZone: string): Offset {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: String(timeZone), // a stray `undefined` must not mean the machine's own zone
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    const write = "write an IANA name that this runtime knows, such as 'UTC' or 'Europe/Berlin'"
    throw new RangeError(`unknown time zone ${show(timeZone)}: ${write}`, { cause })
  }
  return (instant) => {
    const parts = format.formatToParts(instant)
    const get = (field: string): number => Number(parts.find(({ type }) => type === field)?.value)
    const minute = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'))
    return minute + (get('second') - Math.floor(instant / 1000)) * 1000
  }
}

function labels(period: Period, anchor: Anchor | undefined): Label | undefined {
  const wrong = (fix: string) => new RangeError(`wrong anchor (${show(anchor)}) for '${period}': ${fix}`)
  if (period === 'hour' || period === 'day') {
    if (anchor !== undefined) throw wrong("leave it out, or take period 'week', 'month' or 'year'")
    return period === 'hour' ? undefined : (local, step) => (Math.floor(local / DAY) + step) * DAY
  }
  const first = anchor === undefined ? 1 : anchor
  if (period === 'week') {
    if (!isWhole(first, 7)) throw wrong('write an ISO weekday, 1 (Monday) to 7 (Sunday)')
    const start = first - 4 // 1970-01-01 was a Thursday
    return (local, step) => ((Math.floor((local / DAY - start) / 7) + step) * 7 + start) * DAY
  }
  if (period === 'month') {
    if (!isWhole(first, 31)) throw wrong('write a day of the month, 1 to 31')
    return (local, step) => midnight(year(local), new Date(local).getUTCMonth() + step, first)
  }
  if (period === 'year') {
    const { month, day }: Record<string, unknown> = Object(anchor === undefined ? NEW_YEAR : anchor)
    if (!isWhole(month, 12) || !isWhole(day, daysIn(2024, month - 1))) {
      const got = `month ${show(month)}, day ${show(day)} is none`
      throw wrong(`write a day that some year has, such as { month: 4, day: 6 }; ${got}`)
    }
    return (local, step) => midnight(year(local) + step, month - 1, day)
  }
  throw new RangeError(`unknown period ${show(period)}: write 'hour', 'day', 'week', 'month' or 'year'`)
}

const year = (local: number): number => new Date(local).getUTCFullYear()
const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate()

/** Midnight of that day, or of the month's last if there is none; `month` counts from 0 and may run over. */
const midnight = (year: number, month: number, day: number): number =>
  Date.UTC(year, month, Math.min(day, daysIn(year, month)))

const isWhole = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max
