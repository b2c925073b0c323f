import type { Row, Table } from '../bench.js'
import { figure } from './markdown.js'
import { ratios, type Spread, spread } from './statistics.js'

const WIDTH = 770
const LABEL = 240
const BAR = 14
const LINE = 20
const HEAD = 34
/** Longer bars are cut off there; the figure beside them says how long they are. */
const MOST = 6
const SPACE = WIDTH - LABEL - 110

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.floors { fill: #8c959f } .ours { fill: #1a7f37 } .rivals { fill: #0969da } .wrong { opacity: 0.5 }
.one, .spread { stroke: #57606a; fill: none } .one { stroke-dasharray: 2 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .floors { fill: #6e7681 } .ours { fill: #3fb950 } .rivals { fill: #58a6ff }
  .one, .spread { stroke: #9198a1 }
}`

/** Horizontal bars of the ratios to each table's floor: median, and a line from the least to the most. Pale: wrong under await. */
export function chart(tables: readonly Table[]): string {
  let y = 0
  const parts = tables.flatMap((table) => {
    const base = table.rows.find(({ subject }) => subject === table.floor)
    if (base === undefined) return []
    const bars = table.rows
      .filter(({ samples }) => samples.length > 0)
      .map((row) => ({ row, ratio: spread(ratios(row.samples, base.samples)) }))
      .toSorted((a, b) =>
        table.inOrder ? 0 : (a.ratio.median - b.ratio.median) * (table.better === 'less' ? 1 : -1),
      )
    const top = y + HEAD
    y = top + bars.length * LINE + 8
    const scale = SPACE / Math.min(MOST, Math.max(1, ...bars.map(({ ratio }) => ratio.max)))
    const one = Math.round(LABEL + scale)
    return [
      text(0, top - 12, `${table.title}: ratio to ${base.subject}, ${table.better} is better`, 'title'),
      ...bars.map(({ row, ratio }, i) => bar(row, ratio, scale, top + i * LINE)),
      `<path class="one" d="M${one} ${top - 4}V${y - 8}"/>`,
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}">`,
    '<title>Ratios to the floor of each table, as in the tables below</title>',
    `<style>${STYLE}\n</style>`,
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function bar({ subject, kind, wrong }: Row, { median, min, max }: Spread, scale: number, y: number): string {
  const x = (ratio: number) => LABEL + Math.round(Math.min(ratio, MOST) * scale)
  const middle = y + BAR / 2
  const cut = median > MOST ? ' →' : ''
  return [
    text(LABEL - 8, y + BAR - 3, subject, 'label', 'end'),
    `<rect class="${kind}${wrong ? ' wrong' : ''}" x="${LABEL}" y="${y}" width="${x(median) - LABEL}" height="${BAR}"/>`,
    `<path class="spread" d="M${x(min)} ${middle}H${x(max)}"/>`,
    text(Math.max(x(max), x(median)) + 6, y + BAR - 3, `${figure(median)}${cut}`, 'figure'),
  ].join('')
}

function text(x: number, y: number, content: string, role: string, anchor = 'start'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text class="${role}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped}</text>`
}
