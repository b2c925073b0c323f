import { bad, dim, good, isFancy, number } from './style.js'

/** A request as it stands in the picture: epoch ms, and whether it was admitted. */
export interface Mark {
  readonly time: number
  readonly admitted: boolean
}

const HOUR = 3_600_000
const STEPS = [1, 3, 6, 12, 24, 7 * 24, 30 * 24, 365 * 24].map((hours) => hours * HOUR)
const MAX_ROWS = 24
const WIDTH = 44
const ADMITTED = isFancy ? '▇' : '#'
const REFUSED = isFancy ? '▇' : 'x'

/** A bar for each stretch of time, as fine as fits on a page. `marks` in the order of time. */
export function timeline(marks: readonly Mark[]): string {
  const [first, last] = [marks[0]?.time ?? 0, marks.at(-1)?.time ?? 0]
  const step = STEPS.find((step) => last - first < step * (MAX_ROWS - 1)) ?? (STEPS.at(-1) as number)
  const start = Math.floor(first / step)
  const rows = Array.from({ length: Math.floor(last / step) - start + 1 }, () => ({
    admitted: 0,
    refused: 0,
  }))
  for (const { time, admitted } of marks) {
    const row = rows[Math.floor(time / step) - start] as (typeof rows)[number]
    row[admitted ? 'admitted' : 'refused']++
  }

  const most = Math.max(...rows.map(({ admitted, refused }) => admitted + refused))
  // What is there is seen: at least one block.
  const blocks = (count: number) => Math.ceil((count / most) * (WIDTH - 1))
  const lines = rows.map(({ admitted, refused }, index) => {
    const bar = good(ADMITTED.repeat(blocks(admitted))) + bad(REFUSED.repeat(blocks(refused)))
    const gap = ' '.repeat(WIDTH - blocks(admitted) - blocks(refused))
    const counts = `${number(admitted).padStart(8)}${number(refused).padStart(9)}`
    return `  ${dim(label((start + index) * step, step))}  ${bar}${gap}${counts}`
  })
  const legend = `${good(ADMITTED)} admitted  ${bad(REFUSED)} refused`
  const heading = `  ${' '.repeat(label(first, step).length)}  ${legend}${' '.repeat(WIDTH - 21)}`
  return [`${heading}${dim('admitted  refused')}`, ...lines].join('\n')
}

/** `17 May 06:00`, `17 May` or `17 May 2015`, in UTC: as much as the step needs. */
function label(time: number, step: number): string {
  const [, day, month, year, clock] = new Date(time).toUTCString().split(' ')
  if (step < 24 * HOUR) return `${day} ${month} ${clock?.slice(0, 5)}`
  return step === 24 * HOUR ? `${day} ${month}` : `${day} ${month} ${year}`
}
