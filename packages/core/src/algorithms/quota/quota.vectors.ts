import { cancel, consume, no, peek, reserve, settle, type Vector, yes } from '../vector.js'
import { quota } from './quota.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const utc = (moment: string) => Date.parse(`${moment}Z`)

/** State: start and end of the period, units charged in it. */
export const quotaVectors: readonly Vector[] = [
  {
    title: 'a day in UTC',
    policy: quota({ limit: 3, period: 'day' }),
    steps: [
      [utc('2024-05-01T18:00'), consume(2), yes(2, 1, 6 * HOUR), [utc('2024-05-01'), utc('2024-05-02'), 2]],
      [utc('2024-05-01T23:59:59.999'), consume(2), no(2, 1, 1, 1)],
      [utc('2024-05-02T00:00'), peek(3), yes(3, 0, DAY), [utc('2024-05-01'), utc('2024-05-02'), 2]],
      [utc('2024-05-02T00:00'), consume(3), yes(3, 0, DAY), [utc('2024-05-02'), utc('2024-05-03'), 3]],
      [utc('2024-05-02T00:00'), consume(4), no(3, 0, DAY, null)],
      [utc('2024-05-02T00:00'), consume(1, 4), yes(4, 0, DAY)],
      [utc('2024-05-02T00:00'), consume(1, 0), no(4, 0, DAY, null)],
    ],
  },
  {
    title: 'a day of 23 hours in New York, and one of 25',
    policy: quota({ limit: 3, period: 'day', timeZone: 'America/New_York' }),
    steps: [
      [utc('2024-03-10T05:00'), consume(3), yes(3, 0, 23 * HOUR)],
      [utc('2024-03-11T03:59'), consume(), no(3, 0, MINUTE, MINUTE)],
      [utc('2024-03-11T04:00'), consume(), yes(1, 2, DAY)],
      [utc('2024-11-03T04:00'), consume(), yes(1, 2, 25 * HOUR)],
    ],
  },
  {
    title: 'an hour in Kathmandu begins at a quarter past, in UTC',
    policy: quota({ limit: 3, period: 'hour', timeZone: 'Asia/Kathmandu' }),
    steps: [
      [
        utc('2024-05-01T12:20'),
        consume(),
        yes(1, 2, 55 * MINUTE),
        [utc('2024-05-01T12:15'), utc('2024-05-01T13:15'), 1],
      ],
    ],
  },
  {
    title: 'a week from Monday',
    policy: quota({ limit: 3, period: 'week' }),
    steps: [
      [utc('2024-05-01T00:00'), consume(), yes(1, 2, 5 * DAY), [utc('2024-04-29'), utc('2024-05-06'), 1]],
    ],
  },
  {
    title: 'a week from Saturday',
    policy: quota({ limit: 3, period: 'week', anchor: 6 }),
    steps: [
      [utc('2024-05-01T00:00'), consume(), yes(1, 2, 3 * DAY), [utc('2024-04-27'), utc('2024-05-04'), 1]],
    ],
  },
  {
    title: 'a month from the 31st, or the last day there is',
    policy: quota({ limit: 3, period: 'month', anchor: 31 }),
    steps: [
      [utc('2024-01-31T00:00'), consume(), yes(1, 2, 29 * DAY), [utc('2024-01-31'), utc('2024-02-29'), 1]],
      [utc('2024-02-29T00:00'), consume(), yes(1, 2, 31 * DAY), [utc('2024-02-29'), utc('2024-03-31'), 1]],
      [utc('2024-04-29T00:00'), consume(), yes(1, 2, DAY), [utc('2024-03-31'), utc('2024-04-30'), 1]],
    ],
  },
  {
    title: 'a year from 6 April',
    policy: quota({ limit: 3, period: 'year', anchor: { month: 4, day: 6 } }),
    steps: [
      [utc('2024-04-05T00:00'), consume(), yes(1, 2, DAY), [utc('2023-04-06'), utc('2024-04-06'), 1]],
      [utc('2024-04-06T00:00'), consume(), yes(1, 2, 365 * DAY)],
    ],
  },
  {
    title: 'overage: admitted beyond the limit and told',
    policy: quota({ limit: 3, period: 'day', overage: 'allow' }),
    steps: [
      [utc('2024-05-01T00:00'), consume(2), yes(2, 1, DAY)],
      [utc('2024-05-01T00:00'), consume(5), yes(7, 0, DAY), [utc('2024-05-01'), utc('2024-05-02'), 7]],
      [utc('2024-05-01T00:00'), consume(0), yes(7, 0, DAY)],
    ],
  },
  {
    title:
      'a clock set back over an edge: up to a minute the day stays, further back the count moves to the day before',
    policy: quota({ limit: 3, period: 'day' }),
    steps: [
      [utc('2024-05-02T00:00:30'), consume(3), yes(3, 0, DAY - 30_000)],
      [utc('2024-05-01T23:59'), consume(), no(3, 0, DAY + MINUTE, DAY + MINUTE)],
      [utc('2024-05-01T23:58'), peek(), no(3, 0, 2 * MINUTE, 2 * MINUTE)],
      [
        utc('2024-05-01T23:58'),
        consume(),
        no(3, 0, 2 * MINUTE, 2 * MINUTE),
        [utc('2024-05-01'), utc('2024-05-02'), 3],
      ],
      [utc('2024-05-02T00:00'), consume(), yes(1, 2, DAY)],
    ],
  },
  {
    title: 'settling: given back in the period charged, and no later; more becomes a debt',
    policy: quota({ limit: 5, period: 'day' }),
    steps: [
      [utc('2024-05-01T00:00'), reserve(4), yes(4, 1, DAY)],
      [utc('2024-05-01T23:00'), settle(1), undefined, [utc('2024-05-01'), utc('2024-05-02'), 1]],
      [utc('2024-05-01T23:00'), reserve(4), yes(5, 0, HOUR)],
      [utc('2024-05-02T00:00'), consume(2), yes(2, 3, DAY)],
      [utc('2024-05-02T00:00'), cancel(), undefined, [utc('2024-05-02'), utc('2024-05-03'), 2]],
      [utc('2024-05-02T00:00'), reserve(3), yes(5, 0, DAY)],
      [utc('2024-05-02T01:00'), settle(9), undefined, [utc('2024-05-02'), utc('2024-05-03'), 11]],
      [utc('2024-05-02T01:00'), consume(0), no(11, 0, 23 * HOUR, 23 * HOUR)],
    ],
  },
]
