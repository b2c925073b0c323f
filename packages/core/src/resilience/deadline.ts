/** How often we look whether our own event loop runs, and how late it may come to that. */
const [TICK_MS, STALL_MS] = [10, 5]

/**
 * The value of the promise, or an error once `ms` have passed and a little more. While our own event loop stands still no
 * answer can be read, nor what is to be sent be sent: the longest time that it stood still does not count.
 */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    let stalled = 0
    let due: number
    let timer: ReturnType<typeof setTimeout>
    wait(Math.min(ms, TICK_MS))
    promise.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error) => {
        clearTimeout(timer)
        reject(error)
      },
    )

    function wait(delay: number): void {
      due = performance.now() + delay
      timer = setTimeout(tick, delay)
    }

    function tick(): void {
      const now = performance.now()
      stalled = Math.max(stalled, now - due)
      const left = Math.ceil(started + ms + stalled + STALL_MS - now)
      if (left > 0) wait(Math.min(left, TICK_MS))
      else onceRead(fail)
    }

    function fail(): void {
      reject(new Error(`no answer within ${ms} ms`))
    }
  })
}

/** Calls back when what has arrived meanwhile is read. A timer can fire again before that, where there were many. */
function onceRead(then: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => unknown }
  if (setImmediate === undefined) setTimeout(then, STALL_MS)
  else setImmediate(then)
}
