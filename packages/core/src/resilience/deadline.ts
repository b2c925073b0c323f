import type { Awaitable } from '../after.js'

/** How often we look whether our own event loop runs, and how late it may come to that. */
const [TICK_MS, STALL_MS] = [10, 5]

/**
 * How long one decision may wait, from now on. While our own event loop stands still no answer can be read, nor what is to
 * be sent be sent: the longest time that it stood still does not count.
 */
export class Deadline {
  readonly ms: number
  readonly started: number
  private stalled = 0

  constructor(ms: number, started: number = performance.now()) {
    this.ms = ms
    this.started = started
  }

  /** How much of it is left. */
  left(): number {
    return this.started + this.ms + this.stalled - performance.now()
  }

  /**
   * What is asked for, or an error once the time is up and a little more. Each wait has a timer of its own: Workers stop those
   * of a request that is answered, also for everybody else.
   */
  wait<T>(ask: () => Awaitable<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const asked = performance.now()
      const answer = Promise.resolve(ask())
      this.stalledSince(asked)
      let due: number
      let timer: ReturnType<typeof setTimeout>
      const wait = (delay: number) => {
        due = performance.now() + delay
        timer = setTimeout(tick, delay)
      }
      const tick = () => {
        this.stalledSince(due)
        const left = Math.ceil(this.left() + STALL_MS)
        if (left > 0) wait(Math.min(left, TICK_MS))
        else onceRead(() => reject(new Error(`no answer within ${this.ms} ms`)))
      }
      // An answer may be read before the timer that finds that our loop stood still.
      const settle = <V>(how: (value: V) => void) => {
        return (value: V) => {
          clearTimeout(timer)
          this.stalledSince(due)
          how(value)
        }
      }
      wait(Math.min(this.ms, TICK_MS))
      answer.then(settle(resolve), settle(reject))
    })
  }

  private stalledSince(due: number): void {
    this.stalled = Math.max(this.stalled, performance.now() - due)
  }
}

/** Calls back when what has arrived meanwhile is read. A timer can fire again before that, where there were many. */
export function onceRead(then: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => unknown }
  if (setImmediate === undefined) setTimeout(then, STALL_MS)
  else setImmediate(then)
}
