import type { Row, Table } from '../bench.js'
import { BEST_RIVAL, type Target } from '../targets.js'
import { differences, median, ratios, type Spread, spread } from './statistics.js'

export interface Verdict {
  readonly table: string
  readonly subject: string
  /** In words: `at most 1.15x hand-written on a Map`. */
  readonly target: string
  readonly measured: Spread
  readonly unit: 'x' | Table['unit']
  readonly met: boolean
}

/** @throws where a table or a row of a target is not there: a target that is renamed away would hold for ever */
export function judge(targets: readonly Target[], tables: readonly Table[]): Verdict[] {
  return targets.map((target) => {
    const table = tables.find(({ title }) => title === target.table)
    if (table === undefined) throw new Error(`A target speaks of a table that is not there: ${target.table}`)
    const { samples } = find(table, target.subject)
    const other = target.ratioTo ?? target.moreThan
    const to = other === undefined ? undefined : other === BEST_RIVAL ? best(table) : find(table, other)
    const values = to === undefined ? samples : (target.ratioTo ? ratios : differences)(samples, to.samples)
    const measured = spread(values)
    const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY } = target
    return {
      table: table.title,
      subject: target.subject,
      target: inWords(target, table, to),
      measured,
      unit: target.ratioTo ? 'x' : table.unit,
      met: measured.median <= atMost && measured.median >= atLeast,
    }
  })
}

function find(table: Table, subject: string): Row {
  const row = table.rows.find((one) => one.subject === subject && one.samples.length > 0)
  if (row === undefined)
    throw new Error(`A target speaks of a row that is not there: ${table.title}, ${subject}`)
  return row
}

function best({ title, rows, better }: Table): Row {
  const rivals = rows.filter(({ kind, wrong, samples }) => kind === 'rivals' && !wrong && samples.length > 0)
  const sorted = rivals.toSorted((a, b) => median(a.samples) - median(b.samples))
  const row = better === 'less' ? sorted[0] : sorted.at(-1)
  if (row === undefined) throw new Error(`Nobody to compare with: ${title}`)
  return row
}

function inWords({ ratioTo, atMost, atLeast }: Target, { unit }: Table, to: Row | undefined): string {
  const bound = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  if (to === undefined) return `${bound} ${unit}`
  return ratioTo ? `${bound}x ${to.subject}` : `${bound} ${unit} more than ${to.subject}`
}
