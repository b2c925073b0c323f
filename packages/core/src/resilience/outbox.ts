import type { Op } from '../algorithms/algorithm.js'
import type { Mode } from '../store.js'
import { unref } from '../unref.js'

/** A change that may be sent again, for a store does it once: a settlement, or the release of a slot. */
export interface Letter {
  readonly ops: readonly Op[]
  readonly mode: Mode
  /** The clock to decide by, if it is not the store's. */
  readonly given: number | undefined
  /** When it was sent first, by our monotonic clock. */
  readonly since: number
  /** Of what no reservation knows: what stands in for the store has nothing to follow. */
  readonly isOurs?: boolean
}

/** So many wait at most; beyond that the oldest goes. */
const MOST_LETTERS = 1000

/** So many are sent at once. */
const TOGETHER = 100

/** How often a store that did not hear is tried again, for how long, and how often losses are told. */
const [RETRY_MS, MAX_AGE_MS, TELL_EVERY_MS] = [500, 30_000, 10_000]

/** Carries over a short outage what a store must hear, in this process only. */
export class Outbox {
  private letters: Letter[] = []
  private lost = 0
  private told = 0
  private toldAt = Number.NEGATIVE_INFINITY
  private isSending = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly send: (letter: Letter) => Promise<boolean>
  private readonly tellLost: (since: number, ever: number) => void

  /**
   * @param send answers whether the store heard it
   * @param tellLost so many were given up since it was last told, and ever
   */
  constructor(send: (letter: Letter) => Promise<boolean>, tellLost: (since: number, ever: number) => void) {
    this.send = send
    this.tellLost = tellLost
  }

  get size(): number {
    return this.letters.length
  }

  add(letter: Letter): void {
    this.letters.push(letter)
    if (this.letters.length > MOST_LETTERS) {
      this.letters.shift()
      this.lost++
    }
    this.wait()
  }

  /** The store answers: it may hear what waits. */
  async deliver(): Promise<void> {
    if (this.isSending || this.letters.length === 0) return
    this.isSending = true
    for (let heard = true; heard && this.letters.length > 0; ) {
      this.giveUp()
      const sent = this.letters.splice(0, TOGETHER)
      const answers = await Promise.all(sent.map((letter) => this.send(letter)))
      this.letters.unshift(...sent.filter((_, i) => !answers[i]))
      heard = answers.includes(true)
    }
    this.isSending = false
  }

  private giveUp(): void {
    const now = performance.now()
    const young = this.letters.filter(({ since }) => now - since < MAX_AGE_MS)
    this.lost += this.letters.length - young.length
    this.letters = young
    if (this.lost === this.told || now - this.toldAt < TELL_EVERY_MS) return
    this.tellLost(this.lost - this.told, this.lost)
    this.told = this.lost
    this.toldAt = now
  }

  /** One timer, while there is something to do. It keeps no process alive. */
  private wait(): void {
    if (this.timer !== undefined || (this.letters.length === 0 && this.lost === this.told)) return
    const timer = setTimeout(async () => {
      await this.deliver()
      this.giveUp()
      this.timer = undefined
      this.wait()
    }, RETRY_MS)
    this.timer = unref(timer)
  }
}
