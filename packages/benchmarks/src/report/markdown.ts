import type { Row, Table } from '../bench.js'
import { ratios, type Spread, spread } from './statistics.js'
import type { Verdict } from './verdicts.js'

/** A table, best first unless it has an order; what was left out comes last. */
export function tableOf({ title, unit, floor, besides, rows, better, inOrder }: Table): string {
  const bases = [floor, besides].flatMap((name) => rows.filter(({ subject }) => subject === name))
  const shares = rows.some(({ admitted }) => admitted !== undefined)
  const sorted = rows
    .map((row) => ({ row, middle: row.samples.length > 0 ? spread(row.samples).median : undefined }))
    .toSorted((a, b) => (inOrder ? 0 : rank(a.middle, better) - rank(b.middle, better)))
  const lines = sorted.map(({ row }) => [
    nameOf(row),
    row.algorithm,
    cell(row, ({ samples }) => range(spread(samples))),
    ...bases.map((base) => cell(row, ({ samples }) => range(spread(ratios(samples, base.samples))))),
    ...(shares ? [row.admitted === undefined ? '' : percent(row.admitted)] : []),
    row.note ?? '',
  ])
  const against = bases.map(({ subject }) => `ratio to ${subject}`)
  const head = ['', 'algorithm', unit, ...against, ...(shares ? ['admitted'] : []), 'note']
  return `#### ${title}\n\n${grid(head, lines)}`
}

export function verdictsOf(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ table, subject, target, measured, unit, met }) => {
    const value = `${range(measured)}${unit === 'x' ? '' : ` ${unit}`}`
    return [table, subject, target, value, met ? 'met' : '**missed**']
  })
  return `#### Targets\n\n${grid(['', 'who', 'target', 'measured', ''], lines)}`
}

/** Median, and in brackets the least and the most of a round. */
function range({ median, min, max }: Spread): string {
  return min === max ? figure(median) : `${figure(median)} (${figure(min)} to ${figure(max)})`
}

export function figure(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e4) return String(value)
  const digits = size < 10 ? 2 : size < 100 ? 1 : 0
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function rank(middle: number | undefined, better: Table['better']): number {
  if (middle === undefined) return Number.POSITIVE_INFINITY
  return better === 'less' ? middle : -middle
}

function nameOf({ subject, kind }: Row): string {
  return kind === 'ours' ? `**${subject}**` : kind === 'floors' ? `_${subject}_` : subject
}

function cell(row: Row, content: (row: Row) => string): string {
  return row.samples.length === 0 ? '' : content(row)
}

function percent(share: number): string {
  const rounded = (share * 100).toFixed(1)
  return share > 0 && rounded === '0.0' ? '< 0.1 %' : `${Number(rounded)} %`
}

export function grid(head: readonly string[], lines: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n')
}
