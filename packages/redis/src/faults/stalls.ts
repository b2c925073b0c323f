/** A gap between two looks at the event loop that is not worth a word. */
const [LOOK_MS, GAP_MS] = [2, 5]

export interface Stalls {
  /** The longest time that our event loop stood still. */
  longest(): number
  /** How long it stood still in that time, all in all. */
  during(from: number, to: number): number
  stop(): void
}

/** Looks whether our own event loop runs, as a machine with other things to do does not always let it. */
export function watchStalls(): Stalls {
  const gaps: { readonly from: number; readonly to: number }[] = []
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    if (now - last > GAP_MS) gaps.push({ from: last, to: now })
    last = now
  }, LOOK_MS)

  return {
    longest: () => Math.max(GAP_MS, ...gaps.map(({ from, to }) => to - from)),
    during: (start, end) =>
      gaps.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0),
    stop: () => clearInterval(timer),
  }
}
