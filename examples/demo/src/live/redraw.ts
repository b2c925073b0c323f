import { clearScreenDown, moveCursor } from 'node:readline'
import { isFancy } from '../style.js'

const INTERVAL_MS = 200

/** Shows a text that changes, in place, until `end`; without a terminal that holds it, only how it ends. */
export function redrawing(text: () => string): { end: () => void } {
  const out = process.stdout
  const fits = isFancy && out.columns >= 80 && out.rows > text().split('\n').length
  let height = 0

  function draw(): void {
    if (height > 0) moveCursor(out, 0, -height)
    if (fits) clearScreenDown(out)
    const lines = text()
    out.write(`${lines}\n`)
    height = lines.split('\n').length
  }

  const timer = fits ? setInterval(draw, INTERVAL_MS) : undefined
  if (fits) draw()
  return {
    end() {
      clearInterval(timer)
      draw()
    },
  }
}
