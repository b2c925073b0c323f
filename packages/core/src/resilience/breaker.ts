/** So many failures in a row, and the store is left alone. */
const FAILURES = 5

/** How long it is left alone before one decision tries it again, at least; with jitter up to twice as long. */
const PAUSE_MS = 400

/** A time in which the store is left alone. */
export interface Outage {
  /** What it began with: the failures after it may say no more than that the connection is gone. */
  readonly cause: unknown
  /** The listeners who have heard of it. */
  readonly told: Set<unknown>
  /** When the next probe may go. */
  probeAt: number
  /** When the probe went that has not told yet. */
  probing: number | undefined
}

/**
 * Keeps decisions from a store that does not answer, so that none of them waits for it, but one now and then: the probe.
 * @see Nygard, Release It!, "Circuit Breaker"
 */
export class Breaker {
  private failures = 0
  private firstCause: unknown
  /** The failure that was counted last, and when. */
  private last = { cause: undefined as unknown, at: Number.NEGATIVE_INFINITY }
  private away: Outage | undefined

  get outage(): Outage | undefined {
    return this.away
  }

  /** Whether a decision may ask the store. The one that may while it is left alone must tell how it went. */
  allows(now: number): boolean {
    const { away } = this
    if (away === undefined) return true
    if (away.probing !== undefined || now < away.probeAt) return false
    away.probing = now
    return true
  }

  succeeded(): void {
    this.failures = 0
    this.away = undefined
  }

  /** @param asked when the decision that failed was allowed */
  failed(cause: unknown, asked: number, now: number): void {
    const probeAt = now + PAUSE_MS * (1 + Math.random())
    if (this.away === undefined) {
      // What failed once for many that were under way together is one failure, though each of them tells.
      if (cause === this.last.cause && asked < this.last.at) return
      this.last = { cause, at: now }
      if (this.failures === 0) this.firstCause = cause
      if (++this.failures < FAILURES) return
      this.away = { cause: this.firstCause, told: new Set(), probeAt, probing: undefined }
    } else if (asked === this.away.probing) {
      this.away.probing = undefined
      this.away.probeAt = probeAt
    }
    // One that was sent before the pause says nothing new.
  }

  /** Until the next probe. */
  waitMs(now: number): number {
    return Math.max(0, (this.away?.probeAt ?? now) - now)
  }
}
