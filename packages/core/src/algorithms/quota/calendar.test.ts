import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { PATIENCE, RUNS, SEED, SEEDED } from '../../testing/check.js'
import { type Anchor, calendar, type Period } from './calendar.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The zones that are hard on calendars, each around a moment that is. */
const HARD: [zone: string, moment: string, why: string][] = [
  ['UTC', '2024-02-29T12:00Z', 'leap day'],
  ['America/New_York', '2024-03-10T07:00Z', '02:00 -> 03:00'],
  ['America/New_York', '2024-11-03T06:00Z', '02:00 -> 01:00'],
  ['Europe/London', '2024-03-31T01:00Z', '01:00 -> 02:00'],
  ['Europe/London', '2024-12-31T23:59:59.999Z', 'new year'],
  ['Europe/Berlin', '2024-10-27T01:00Z', '03:00 -> 02:00'],
  ['America/Sao_Paulo', '2017-10-15T03:00Z', 'missing midnight'],
  ['America/Sao_Paulo', '2018-02-18T02:00Z', '00:00 -> 23:00, the day before goes on'],
  ['America/Sao_Paulo', '2018-11-04T03:00Z', 'missing midnight'],
  ['America/Havana', '2023-03-12T05:00Z', 'missing midnight'],
  ['America/Havana', '2023-11-05T05:00Z', 'repeated midnight'],
  ['Asia/Beirut', '2022-03-26T22:00Z', 'missing midnight'],
  ['Africa/Cairo', '2023-04-27T22:00Z', 'missing midnight'],
  ['Asia/Kathmandu', '1985-12-31T18:30Z', '00:00 -> 00:15, offset of 05:45 since'],
  ['Australia/Lord_Howe', '2024-04-06T15:00Z', '02:00 -> 01:30'],
  ['Australia/Lord_Howe', '2024-10-05T15:30Z', '02:00 -> 02:30'],
  ['Pacific/Apia', '2011-12-30T10:00Z', 'no 30 December'],
  ['Pacific/Kwajalein', '1993-08-21T12:00Z', 'no 21 August'],
  ['Pacific/Kiritimati', '1994-12-31T10:00Z', 'no 31 December'],
  ['Pacific/Kiritimati', '2024-12-31T10:00Z', 'new year at +14'],
  ['America/St_Johns', '2006-04-02T03:31Z', '00:01 -> 01:01'],
  ['America/St_Johns', '2006-10-29T02:31Z', '00:01 -> 23:01, a repeated midnight'],
  ['America/Scoresbysund', '2024-03-31T01:00Z', 'new offset and summer time at once'],
  ['America/Scoresbysund', '2024-10-27T01:00Z', '00:00 -> 23:00'],
  ['Asia/Pyongyang', '2018-05-04T15:00Z', '23:30 -> 00:00'],
  ['America/Caracas', '2007-12-09T07:00Z', '03:00 -> 02:30'],
  ['Africa/Casablanca', '2024-03-10T02:00Z', 'Ramadan'],
  ['Antarctica/Troll', '2024-03-31T01:00Z', 'two hours at once'],
]

interface Quota {
  period: Period
  zone: string
  anchor: Anchor | undefined
}

const ZONES = [...new Set([...HARD.map(([zone]) => zone), ...Intl.supportedValuesOf('timeZone')])]

// The oracle: reads the local clock minute by minute, and believes nothing else.

const formats = new Map<string, Intl.DateTimeFormat>()

/** `2024-02-29 13:05:00`: local times of one zone compare as text. */
function localTime(zone: string, instant: number): string {
  let format = formats.get(zone)
  if (format === undefined) {
    const [two, four] = ['2-digit', 'numeric'] as const
    const fields = { year: four, month: two, day: two, hour: two, minute: two, second: two }
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...fields })
    formats.set(zone, format)
  }
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
  for (const { type, value } of format.formatToParts(instant)) part[type] = value
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`
}

function oracle({ period, zone, anchor }: Quota, from: number, to: number): number[] {
  const edges: number[] = []
  if (period === 'hour') {
    for (let t = Math.floor(from / MINUTE) * MINUTE; t < to; t += MINUTE)
      if (localTime(zone, t).endsWith(':00:00')) edges.push(t)
    return edges
  }
  for (let day = Math.floor(from / DAY) * DAY; day < to; day += DAY) {
    if (!isLabel(period, anchor, new Date(day))) continue
    const label = new Date(day).toISOString().slice(0, 10) // as text it is below all times of that day
    let t = day - 15 * HOUR
    while (localTime(zone, t) < label) t += MINUTE
    if (edges.at(-1) !== t) edges.push(t)
  }
  return edges
}

function isLabel(period: Period, anchor: Anchor | undefined, date: Date): boolean {
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate()
  if (period === 'week') return (date.getUTCDay() || 7) === (anchor ?? 1)
  if (period === 'month') return day === Math.min(lastDay, (anchor ?? 1) as number)
  if (period === 'year') {
    const on = (anchor ?? { month: 1, day: 1 }) as { month: number; day: number }
    return month === on.month && day === Math.min(lastDay, on.day)
  }
  return true
}

/** How far the oracle must look either way to see two edges. */
const REACH = { hour: 5 * HOUR, day: 4 * DAY, week: 17 * DAY, month: 70 * DAY, year: 800 * DAY }
const PERIODS = Object.keys(REACH) as Period[]

function around(edges: readonly number[], now: number): readonly number[] {
  const next = edges.findIndex((edge) => edge > now)
  return edges.slice(next - 2, next + 2)
}

const iso = (edges: readonly number[]): string[] => edges.map((edge) => new Date(edge).toISOString())

function edgesAt(period: Period, zone: string, now: string, anchor?: Anchor): string[] {
  return iso(calendar(period, zone, anchor)(Date.parse(now)))
}

const YEAR_ANCHOR = fc
  .record({ month: fc.integer({ min: 1, max: 12 }), day: fc.integer({ min: 1, max: 31 }) })
  .filter(({ month, day }) => day <= new Date(Date.UTC(2000, month, 0)).getUTCDate())

const ANCHOR: Record<Period, fc.Arbitrary<Anchor | undefined>> = {
  hour: fc.constant(undefined),
  day: fc.constant(undefined),
  week: fc.option(fc.integer({ min: 1, max: 7 }), { nil: undefined }),
  month: fc.option(fc.integer({ min: 1, max: 31 }), { nil: undefined }),
  year: fc.option(YEAR_ANCHOR, { nil: undefined }),
}

/** A period, zone, anchor and instant, often near a change of the zone's clock. */
function query(since: number) {
  const anywhere = fc.record({
    zone: fc.constantFrom(...ZONES),
    now: fc.integer({ min: since, max: Date.UTC(2101, 0) - 1 }),
  })
  const nearby = fc
    .record({ hard: fc.constantFrom(...HARD), away: fc.integer({ min: -2 * DAY, max: 2 * DAY }) })
    .map(({ hard: [zone, at], away }) => ({ zone, now: Date.parse(at) + away }))
  return fc
    .record({ period: fc.constantFrom(...PERIODS), place: fc.oneof(anywhere, nearby) })
    .chain(({ period, place }) => ANCHOR[period].map((anchor) => ({ period, anchor, ...place })))
}

describe('edges', { timeout: PATIENCE }, () => {
  it(`enclose the instant, increase, and continue those of the periods beside ${SEEDED}`, () => {
    fc.assert(
      fc.property(query(0), ({ period, zone, anchor, now }) => {
        const kept = calendar(period, zone, anchor)
        const ask = (instant: number) => {
          const fresh = calendar(period, zone, anchor)(instant)
          expect(kept(instant)).toEqual(fresh) // whatever it was asked before
          return fresh
        }
        const edges = ask(now)
        const [e0, e1, e2, e3] = edges
        expect(edges).toHaveLength(4)
        expect(edges.every(Number.isSafeInteger)).toBe(true)
        expect(e0 < e1 && e1 <= now && now < e2 && e2 < e3).toBe(true)
        expect(ask(e1)).toEqual(edges)
        expect(ask(e2 - 1)).toEqual(edges)
        expect(ask(e2).slice(0, 3)).toEqual([e1, e2, e3])
        expect(ask(e1 - 1).slice(1)).toEqual([e0, e1, e2])
      }),
      { numRuns: 5 * RUNS, seed: SEED },
    )
  })

  it('are the first of a repeated midnight and the jump over a missing one', () => {
    expect(edgesAt('day', 'America/Havana', '2018-11-04T12:00Z')[1]).toBe('2018-11-04T04:00:00.000Z')
    expect(edgesAt('day', 'America/Sao_Paulo', '2018-11-04T12:00Z')[1]).toBe('2018-11-04T03:00:00.000Z')
    // Here the clock went from 23:30 to 00:30.
    expect(edgesAt('day', 'America/Toronto', '1919-03-31T12:00Z')[1]).toBe('1919-03-31T04:30:00.000Z')
  })

  it('stay when the clock goes back over midnight', () => {
    // St. John's: 00:00, a minute later 23:01 of the day before, 59 minutes later 00:00 again.
    const expected = ['2006-10-28T02:30:00.000Z', '2006-10-29T02:30:00.000Z', '2006-10-30T03:30:00.000Z']
    expect(edgesAt('day', 'America/St_Johns', '2006-10-29T02:45Z').slice(0, 3)).toEqual(expected)
  })

  it('are one where a day is left out', () => {
    expect(edgesAt('day', 'Pacific/Apia', '2011-12-30T09:59:59.999Z')).toEqual([
      '2011-12-28T10:00:00.000Z',
      '2011-12-29T10:00:00.000Z',
      '2011-12-30T10:00:00.000Z',
      '2011-12-31T10:00:00.000Z',
    ])
  })

  it('of hours are full hours on the local clock', () => {
    expect(edgesAt('hour', 'Asia/Kathmandu', '2024-01-01T00:00Z')[1]).toBe('2023-12-31T23:15:00.000Z')
    // 01:00, 02:00 that is 01:30 again, 02:00, 03:00
    expect(edgesAt('hour', 'Australia/Lord_Howe', '2018-03-31T15:10Z')).toEqual([
      '2018-03-31T13:00:00.000Z',
      '2018-03-31T14:00:00.000Z',
      '2018-03-31T15:30:00.000Z',
      '2018-03-31T16:30:00.000Z',
    ])
    // An offset of -00:44:30
    expect(edgesAt('hour', 'Africa/Monrovia', '1970-01-01T00:00Z')[1]).toBe('1969-12-31T23:44:30.000Z')
  })

  it('of months are clamped from the original day each month', () => {
    expect(edgesAt('month', 'UTC', '2023-03-01T00:00Z', 31)).toEqual([
      '2023-01-31T00:00:00.000Z',
      '2023-02-28T00:00:00.000Z',
      '2023-03-31T00:00:00.000Z',
      '2023-04-30T00:00:00.000Z',
    ])
  })

  it('of years may be on 29 February', () => {
    expect(edgesAt('year', 'UTC', '2023-06-01T00:00Z', { month: 2, day: 29 })).toEqual([
      '2022-02-28T00:00:00.000Z',
      '2023-02-28T00:00:00.000Z',
      '2024-02-29T00:00:00.000Z',
      '2025-02-28T00:00:00.000Z',
    ])
  })

  it('of weeks are on Monday', () => {
    expect(edgesAt('week', 'UTC', '2024-01-03T00:00Z')[1]).toBe('2024-01-01T00:00:00.000Z')
    expect(edgesAt('week', 'UTC', '2024-01-03T00:00Z', 3)[1]).toBe('2024-01-03T00:00:00.000Z')
    expect(edgesAt('week', 'UTC', '2024-01-03T00:00Z', 4)[1]).toBe('2023-12-28T00:00:00.000Z')
  })
})

describe('the last answer', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('is given again within its period, without a look at the clock', () => {
    const edges = calendar('month', 'Europe/Berlin', 15)
    const first = edges(Date.UTC(2024, 1, 20))
    const read = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts')
    expect(edges(first[1])).toBe(first)
    expect(edges(first[2] - 1)).toBe(first)
    expect(read).not.toHaveBeenCalled()
    const second = edges(first[2])
    expect(second[1]).toBe(first[2])
    expect(edges(second[1] - 1)).toEqual(first)
  })
})

describe('misuse', () => {
  it.each<[period: unknown, zone: unknown, anchor: unknown, message: RegExp]>([
    ['day', 'Europe/Berln', undefined, /time zone "Europe\/Berln".*'Europe\/Berlin'/],
    ['day', undefined, undefined, /time zone undefined/],
    ['day', Symbol('UTC'), undefined, /time zone Symbol\(UTC\)/],
    ['minute', 'UTC', undefined, /period "minute".*'hour', 'day'/],
    [undefined, 'UTC', undefined, /period undefined/],
    ['hour', 'UTC', 1, /anchor \(1\) for 'hour': leave it out/],
    ['day', 'UTC', null, /anchor \(null\) for 'day': leave it out/],
    ['week', 'UTC', 0, /1 \(Monday\) to 7 \(Sunday\)/],
    ['week', 'UTC', 8, /anchor \(8\)/],
    ['month', 'UTC', 0, /1 to 31/],
    ['month', 'UTC', 32, /1 to 31/],
    ['month', 'UTC', 1.5, /1 to 31/],
    ['month', 'UTC', Number.NaN, /anchor \(NaN\)/],
    ['month', 'UTC', '15', /anchor \("15"\)/],
    ['month', 'UTC', { month: 1, day: 1 }, /anchor \(an object\)/],
    ['year', 'UTC', 60, /\{ month: 4, day: 6 \}/],
    ['year', 'UTC', null, /anchor \(null\)/],
    ['year', 'UTC', {}, /month undefined, day undefined/],
    ['year', 'UTC', { month: 2, day: 30 }, /month 2, day 30/],
    ['year', 'UTC', { month: 13, day: 1 }, /month 13/],
    ['year', 'UTC', { month: 4, day: '6' }, /day "6"/],
  ])('%j, %s, %j is refused', (period, zone, anchor, message) => {
    const make = () => calendar(period as Period, zone as string, anchor as Anchor)
    expect(make).toThrow(RangeError)
    expect(make).toThrow(message)
  })
})

describe('against the oracle', { timeout: PATIENCE }, () => {
  it.each(HARD)('%s at %s: %s', (zone, at) => {
    const moment = Date.parse(at)
    const local = new Date(localTime(zone, moment).replace(' ', 'T').concat('Z'))
    const [month, day] = [local.getUTCMonth() + 1, local.getUTCDate()]
    const anchors = { hour: [], day: [], week: [7], month: [31, day], year: [{ month, day }] }
    for (const period of PERIODS) {
      const reach = REACH[period] + DAY
      for (const anchor of [undefined, ...anchors[period]]) {
        const expected = oracle({ period, zone, anchor }, moment - reach, moment + reach)
        for (const away of [0, 1, 30 * MINUTE - 1, 30 * MINUTE, HOUR - 1, HOUR, 90 * MINUTE, 2 * HOUR, DAY]) {
          for (const now of [moment - away, moment + away]) {
            const message = `${period} ${JSON.stringify(anchor)} at ${new Date(now).toISOString()}`
            expect(iso(calendar(period, zone, anchor)(now)), message).toEqual(iso(around(expected, now)))
          }
        }
      }
    }
  })

  it(`in any zone, at any time ${SEEDED}`, () => {
    // From mid 1972 on all offsets are whole minutes (Monrovia's was not), so the oracle meets every edge.
    const since = Date.UTC(1972, 5, 1)
    fc.assert(
      fc.property(query(since), ({ now, ...quota }) => {
        const reach = REACH[quota.period]
        const expected = oracle(quota, now - reach, now + reach)
        expect(iso(calendar(quota.period, quota.zone, quota.anchor)(now))).toEqual(iso(around(expected, now)))
      }),
      { numRuns: RUNS, seed: SEED },
    )
  })
})
