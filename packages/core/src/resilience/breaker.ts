/** So many failures in a row, and the store is left alone. */
const FAILURES = 5

/** How long it is left alone before one decision tries it again, at least; with jitter up to twice as long. */
const PAUSE_MS = 400

/**
 * Keeps decisions from a store that does not answer, so that none of them waits for it, but one now and then: the probe.
 * @see Nygard, Release It!, "Circuit Breaker"
 */
export class Breaker {
  private failures = 0
  /** When the next probe may go, of a store that is left alone. */
  private probeAt: number | undefined
  /** When the probe went that has not told yet. */
  private probing: number | undefined

  /** Whether a decision may ask the store. The one that may while it is left alone must tell how it went. */
  allows(now: number): boolean {
    if (this.probeAt === undefined) return true
    if (this.probing !== undefined || now < this.probeAt) return false
    this.probing = now
    return true
  }

  succeeded(): void {
    this.failures = 0
    this.probeAt = undefined
    this.probing = undefined
  }

  /**
   * Answers whether it has just begun to leave the store alone.
   * @param asked when the decision that failed was allowed
   */
  failed(asked: number, now: number): boolean {
    const opens = this.probeAt === undefined
    if (opens && ++this.failures < FAILURES) return false
    // One that was sent before the pause says nothing new.
    if (!opens && asked !== this.probing) return false
    this.probing = undefined
    this.probeAt = now + PAUSE_MS * (1 + Math.random())
    return opens
  }

  /** Until the next probe. */
  waitMs(now: number): number {
    return Math.max(0, (this.probeAt ?? now) - now)
  }
}
