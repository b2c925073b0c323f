import { FRAMEWORKS, type Framework } from '../frameworks.js'
import { bad, dim, good, isFancy, strong } from '../style.js'
import { type Persona, personas } from './personas.js'
import type { Exchange } from './traffic.js'

/** Up to seven eighths, so that rows stay apart. */
const BARS = '▁▂▃▄▅▆▇'
/** A second's column is this wide, its gap included. */
const CELL = 5

interface Tally {
  admitted: number
  refused: number
}

/** Per framework and persona what was admitted and refused in each second; seconds to come are empty. */
export function picture(exchanges: readonly Exchange[], seconds: number, elapsedMs = seconds * 1000): string {
  const begun = Math.min(Math.floor(elapsedMs / 1000) + 1, seconds)
  const coming = ' '.repeat((seconds - begun) * CELL)
  const rows = FRAMEWORKS.map((framework) =>
    personas.map((persona) => tallies(exchanges, framework, persona, begun)),
  )
  const most = Math.max(1, ...rows.flat(2).flatMap(({ admitted, refused }) => [admitted, refused]))
  const ruler = Array.from({ length: seconds }, (_, second) => `${second + 1}`.padEnd(CELL)).join('')
  const legend = isFancy
    ? `Each column is a second: left ${good('▇▇')} admitted, right ${bad('▇▇')} refused; a dot: nothing sent`
    : 'Each column is a second: admitted/refused; a dot: nothing sent'
  return [
    legend,
    '',
    dim(`  second  ${ruler} 200  429`),
    ...rows.flatMap((row, index) => [
      strong(`  ${FRAMEWORKS[index]}`),
      ...row.map((cells, who) => {
        const drawn = cells.map((cell) => (isFancy ? bars(cell, most) : numbers(cell))).join('')
        return `    ${personas[who]?.name.padEnd(6)}${drawn}${coming}${sums(cells)}`
      }),
    ]),
  ].join('\n')
}

function tallies(
  exchanges: readonly Exchange[],
  framework: Framework,
  { name }: Persona,
  seconds: number,
): Tally[] {
  const cells = Array.from({ length: seconds }, () => ({ admitted: 0, refused: 0 }))
  for (const exchange of exchanges) {
    const cell = cells[Math.floor(exchange.sentAt / 1000)]
    if (!cell || exchange.framework !== framework || exchange.persona !== name) continue
    if (exchange.status === 200) cell.admitted++
    if (exchange.status === 429) cell.refused++
  }
  return cells
}

function sums(cells: readonly Tally[]): string {
  const sum = (field: keyof Tally) => String(cells.reduce((all, cell) => all + cell[field], 0)).padStart(4)
  return `${good(sum('admitted'))} ${bad(sum('refused'))}`
}

function bars({ admitted, refused }: Tally, most: number): string {
  if (admitted + refused === 0) return dim('·'.padEnd(CELL))
  return `${good(bar(admitted, most))}${bad(bar(refused, most))} `
}

function bar(value: number, most: number): string {
  return (value === 0 ? ' ' : (BARS[Math.ceil((value / most) * BARS.length) - 1] as string)).repeat(2)
}

function numbers({ admitted, refused }: Tally): string {
  return (admitted + refused === 0 ? '.' : `${admitted}/${refused}`).padEnd(CELL)
}
