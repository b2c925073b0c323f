import { expect, test } from 'vitest'
import { timeline } from './timeline.js'

const HOUR = 3_600_000
const at = (hour: number, admitted = true) => ({ time: Date.UTC(2015, 4, 17) + hour * HOUR, admitted })

test('draws a bar for each stretch of time, empty ones too', () => {
  expect(timeline([at(10), at(10.5), at(10.9, false), at(12)]).split('\n')).toEqual([
    '                # admitted  x refused                       admitted  refused',
    `  17 May 10:00  ${'#'.repeat(29)}${'x'.repeat(15)}       2        1`,
    `  17 May 11:00  ${' '.repeat(44)}       0        0`,
    `  17 May 12:00  ${'#'.repeat(15)}${' '.repeat(29)}       1        0`,
  ])
})

test.each([
  [0, '17 May 00:00', 1],
  [22, '17 May 22:00', 23],
  [24, '18 May 00:00', 9],
  [24 * 20, '6 Jun', 21],
  [24 * 300, '29 Feb 2016', 11],
])('a log of %d hours ends at %s', (hours, label, rows) => {
  const lines = timeline([at(0), at(hours)])
    .split('\n')
    .slice(1)
  expect(lines).toHaveLength(rows)
  expect(lines.at(-1)).toContain(label)
})
