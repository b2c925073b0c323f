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
  /** When we looked last, or are to look next: if we come later, our loop stood still. */
  private due: number

  constructor(ms: number, started: number = performance.now()) {
    this.ms = ms
    this.started = started
    this.due = started
  }

  /** How much of it is left. To be asked in the turn in which it was made or a wait ended, not while one runs. */
  left(): number {
    this.look()
    return this.started + this.ms + this.stalled - this.due
  }

  /**
   * What is asked for, or an error once the time is up and a little more. To be called in the turn in which the deadline was
   * made, or said how much is left. Each wait has a timer of its own: Workers stop those of a request that is answered, also
   * for everybody else.
   */
  wait<T>(ask: () => Awaitable<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = Promise.resolve(ask())
      const tick = () => {
        const left = Math.ceil(this.left() + STALL_MS)
        if (left > 0) timer = this.lookAgain(tick, left)
        else onceRead(() => reject(new Error(`no answer within ${this.ms} ms`)))
      }
      this.look()
      let timer = this.lookAgain(tick, this.ms)
      answer.then(
        (value) => {
          clearTimeout(timer)
          resolve(value)
        },
        (cause) => {
          clearTimeout(timer)
          reject(cause)
        },
      )
    })
  }

  /** An answer may be read before the timer that finds that our loop stood still: then this is done by whoever asks next. */
  private look(): void {
    const now = performance.now()
    this.stalled = Math.max(this.stalled, now - this.due)
    this.due = now
  }

  private lookAgain(tick: () => void, left: number): ReturnType<typeof setTimeout> {
    const delay = Math.min(left, TICK_MS)
    this.due += delay
    return setTimeout(tick, delay)
  }
}

/** Calls back when what has arrived meanwhile is read. A timer can fire again before that, where there were many. */
export function onceRead(then: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => unknown }
  if (setImmediate === undefined) setTimeout(then, STALL_MS)
  else setImmediate(then)
}
