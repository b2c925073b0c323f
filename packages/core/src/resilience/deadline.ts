import type { Awaitable } from '../after.js'

/** How often we look whether our own event loop runs, and how late it may come to that. */
const [TICK_MS, STALL_MS] = [10, 5]

/** Looks after all deadlines by which somebody waits, by one timer, which runs only while somebody does. */
export class Watch {
  /** In no order, so that one is taken out by putting the last one in its place. */
  private readonly waiting: Deadline[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private due: number = Number.POSITIVE_INFINITY

  add(deadline: Deadline, now: number): void {
    deadline.place = this.waiting.push(deadline) - 1
    const delay = Math.min(deadline.ms, TICK_MS)
    if (now + delay < this.due) this.tickIn(delay, now)
  }

  /** Once it is answered, which may be read before the timer that finds that our loop stood still. */
  remove(deadline: Deadline): void {
    deadline.stalledSince(this.due, performance.now())
    this.takeOut(deadline)
    if (this.waiting.length === 0) this.rest()
  }

  private takeOut(deadline: Deadline): void {
    const { place } = deadline
    if (place === undefined) return
    const last = this.waiting.pop() as Deadline
    if (last !== deadline) {
      last.place = place
      this.waiting[place] = last
    }
    deadline.place = undefined
  }

  private tickIn(delay: number, now: number): void {
    clearTimeout(this.timer)
    this.due = now + delay
    this.timer = setTimeout(this.tick, delay)
  }

  private rest(): void {
    clearTimeout(this.timer)
    this.due = Number.POSITIVE_INFINITY
  }

  private readonly tick = (): void => {
    const now = performance.now()
    let next = TICK_MS
    for (const deadline of this.waiting.slice()) {
      deadline.stalledSince(this.due, now)
      const left = Math.ceil(deadline.left(now) + STALL_MS)
      if (left > 0) next = Math.min(next, left)
      else {
        this.takeOut(deadline)
        onceRead(deadline.giveUp)
      }
    }
    if (this.waiting.length === 0) this.rest()
    else this.tickIn(next, now)
  }
}

/**
 * How long one decision may wait, from when it started, for one thing after the other. While our own event loop stands still
 * no answer can be read, nor what is to be sent be sent: the longest time that it stood still does not count.
 */
export class Deadline {
  readonly ms: number
  readonly started: number
  /** Among those of the watch, while somebody waits. */
  place: number | undefined
  giveUp: () => void = () => {}
  private readonly watch: Watch
  private stalled = 0

  constructor(ms: number, watch: Watch, started: number = performance.now()) {
    this.ms = ms
    this.started = started
    this.watch = watch
    this.place = undefined
  }

  /** How much of it is left. */
  left(now: number = performance.now()): number {
    return this.started + this.ms + this.stalled - now
  }

  /** What is asked for, or an error once the time is up and a little more. */
  wait<T>(ask: () => Awaitable<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const asked = performance.now()
      const answer = Promise.resolve(ask())
      const now = performance.now()
      this.stalledSince(asked, now)
      this.giveUp = () => reject(new Error(`no answer within ${this.ms} ms`))
      this.watch.add(this, now)
      answer.then(
        (value) => {
          this.watch.remove(this)
          resolve(value)
        },
        (error) => {
          this.watch.remove(this)
          reject(error)
        },
      )
    })
  }

  /** @param due when our loop was to come to something, at the latest; what began later has not waited since then */
  stalledSince(due: number, now: number): void {
    this.stalled = Math.max(this.stalled, now - Math.max(due, this.started))
  }
}

/** Calls back when what has arrived meanwhile is read. A timer can fire again before that, where there were many. */
export function onceRead(then: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => unknown }
  if (setImmediate === undefined) setTimeout(then, STALL_MS)
  else setImmediate(then)
}
