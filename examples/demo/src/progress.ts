import { number } from './style.js'

const WIDTH = 30

/** A progress bar on a terminal; nothing elsewhere. Call `tick` once for each of `total` steps. */
export function progressBar(total: number, noun: string): { tick: () => void; end: () => void } {
  const out = process.stderr
  let done = 0
  let drawn = 0

  function draw(): void {
    const filled = Math.floor((done / total) * WIDTH)
    const percent = String(Math.floor((done / total) * 100)).padStart(3)
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
    out.write(`\r  ${bar} ${percent} %  ${number(done)} of ${number(total)} ${noun}`)
    drawn = performance.now()
  }

  return {
    tick() {
      done++
      if (out.isTTY && performance.now() - drawn > 100) draw()
    },
    end() {
      if (out.isTTY) out.write('\r\x1b[K')
    },
  }
}
