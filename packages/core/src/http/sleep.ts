/** The longest that a timer can wait at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1

/** Waits `ms`, or until the signal aborts, whichever is first. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted; left -= MAX_TIMER_MS) {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, Math.min(left, MAX_TIMER_MS))
      signal.addEventListener('abort', done)
    })
  }
}
