/** The store's clock, as far as we know: our own, and what it is ahead of that. */
export class StoreClock {
  private ahead = 0

  now(): number {
    return Date.now() + this.ahead
  }

  /**
   * It said `now` at some moment between these two of ours. An answer that was read late allows for much, and so changes
   * nothing that was known better before.
   */
  heard(now: number, asked: number, answered: number): void {
    this.ahead = Math.min(Math.max(this.ahead, now - answered), now - asked)
  }
}
