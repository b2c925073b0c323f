import { expect, test } from 'vitest'
import type { Row, Table } from '../bench.js'
import { BEST_RIVAL } from '../targets.js'
import { chart } from './chart.js'
import { tableOf } from './markdown.js'
import { replaceSection } from './readme.js'
import { judge } from './verdicts.js'

const row = (subject: string, kind: Row['kind'], samples: number[], rest: Partial<Row> = {}): Row => {
  return { subject, kind, algorithm: 'any', samples, ...rest }
}

const table: Table = {
  title: 'speed',
  unit: 'ns',
  better: 'less',
  floor: 'bare',
  rows: [
    row('slow', 'rivals', [30, 60, 90], { admitted: 0.5 }),
    row('ours', 'ours', [12, 26, 33], { admitted: 1 }),
    row('bare', 'floors', [10, 20, 30], { admitted: 0.00001 }),
    row('cheat', 'rivals', [1, 2, 3], { wrong: true, note: 'wrong' }),
    row('absent', 'rivals', [], { note: 'left out' }),
  ],
}

test('A table has the best row first, what was left out last, and compares round by round', () => {
  expect(tableOf(table).split('\n').slice(2)).toEqual([
    '|  | algorithm | ns | ratio to bare | admitted | note |',
    '| --- | --- | --- | --- | --- | --- |',
    '| cheat | any | 2 (1 to 3) | 0.10 |  | wrong |',
    '| _bare_ | any | 20 (10 to 30) | 1 | < 0.1 % |  |',
    '| **ours** | any | 26 (12 to 33) | 1.20 (1.10 to 1.30) | 100 % |  |',
    '| slow | any | 60 (30 to 90) | 3 | 50 % |  |',
    '| absent | any |  |  |  | left out |',
  ])
  expect(tableOf({ ...table, better: 'more' }).split('\n')[4]).toContain('| slow |')
})

test('A table may compare with a second row', () => {
  const lines = tableOf({ ...table, besides: 'slow' }).split('\n')
  expect(lines[2]).toBe('|  | algorithm | ns | ratio to bare | ratio to slow | admitted | note |')
  expect(lines[6]).toBe(
    '| **ours** | any | 26 (12 to 33) | 1.20 (1.10 to 1.30) | 0.40 (0.37 to 0.43) | 100 % |  |',
  )
})

test('A target is met by the median: of ratios, of differences, or of the row itself', () => {
  const target = { bench: 'any', table: 'speed', subject: 'ours' }
  const met = (rest: object) => judge([{ ...target, ...rest }], [table])[0]?.met
  expect(met({ ratioTo: 'bare', atMost: 1.2 })).toBe(true)
  expect(met({ ratioTo: 'bare', atMost: 1.19 })).toBe(false)
  expect(met({ ratioTo: 'bare', atLeast: 1.2 })).toBe(true)
  expect(met({ ratioTo: 'bare', atLeast: 1.21 })).toBe(false)
  expect(met({ moreThan: 'bare', atMost: 3 })).toBe(true)
  expect(met({ moreThan: 'bare', atMost: 2.9 })).toBe(false)
  expect(met({ atMost: 26 })).toBe(true)
  expect(met({ atMost: 25 })).toBe(false)
})

test('The best rival is one whose result is right', () => {
  const best = { bench: 'any', table: 'speed', subject: 'ours', ratioTo: BEST_RIVAL, atMost: 1 }
  expect(judge([best], [table])[0]?.target).toBe('at most 1x slow')
})

test('A target that speaks of nothing measured is an error', () => {
  const target = { bench: 'any', table: 'speed', subject: 'ours', atMost: 1 }
  expect(() => judge([{ ...target, table: 'gone' }], [table])).toThrow('gone')
  expect(() => judge([{ ...target, subject: 'gone' }], [table])).toThrow('gone')
  expect(() => judge([{ ...target, subject: 'absent' }], [table])).toThrow('absent')
})

test('The picture has a bar for each measured row, and cuts off long ones', () => {
  const long = { ...table, rows: [...table.rows, row('long', 'rivals', [1e3, 2e3, 3e3])] }
  const bars = [...chart([long]).matchAll(/<rect class="([^"]+)" x="240" y="\d+" width="(\d+)"/g)]
  expect(bars.map(([, kind]) => kind)).toEqual(['rivals wrong', 'floors', 'ours', 'rivals', 'rivals'])
  const widths = bars.map(([, , width]) => Number(width))
  expect(widths[3]).toBe(3 * (widths[1] as number))
  expect(widths[4]).toBe(420)
})

test('The longest bar of a table takes all the space there is', () => {
  const widths = [...chart([table]).matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, width]) => Number(width))
  expect(widths).toEqual([14, 140, 168, 420])
})

test('Only what lies between the markers is replaced', () => {
  const readme = 'before\n<!-- x:start -->\nold\n<!-- x:end -->\nafter\n'
  const replaced = replaceSection(readme, 'x', 'new')
  expect(replaced).toBe('before\n<!-- x:start -->\n\nnew\n\n<!-- x:end -->\nafter\n')
  expect(replaceSection(replaced, 'x', 'new')).toBe(replaced)
  expect(() => replaceSection(readme, 'y', 'new')).toThrow('no markers for y')
})
