/** A gap between two looks at the event loop that is not worth a word. */
const [LOOK_MS, GAP_MS] = [2, 5]

export interface Stalls {
  /** The longest time that our event loop stood still. */
  longest(): number
  stop(): void
}

/** Looks whether our own event loop runs, as a machine with other things to do does not always let it. */
export function watchStalls(): Stalls {
  let longest = GAP_MS
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, LOOK_MS)

  return {
    longest: () => longest,
    stop: () => clearInterval(timer),
  }
}
