import { LRUCache } from 'lru-cache'
import TinyQueue from 'tinyqueue'
import { type Algorithm, MAX_SET_BACK_MS, type State } from '../algorithms/algorithm.js'

/** How many of the longest unused keys are looked at for a drained one before a live one is given up. */
const SAMPLE = 8

interface Refused {
  readonly key: string
  readonly state: State
  until: number
}

/**
 * One policy's states: at most `maxKeys` live ones, least recently used first out, and beside them at most `maxKeys`
 * that are being refused, which no flood of fresh keys pushes out.
 */
export class Table {
  evictedLive = 0
  evictedRefused = 0
  private readonly algorithm: Algorithm
  private readonly maxKeys: number
  private readonly live: LRUCache<string, State>
  private readonly refused = new Map<string, Refused>()
  /** The newest time at which a key was refused. */
  private latest = 0
  /** Refused keys by the end they had when they were queued; an end that moved later since is looked up when it is due. */
  private ends = new TinyQueue<{ entry: Refused; until: number }>([], byEnd)

  constructor(algorithm: Algorithm, maxKeys: number) {
    this.algorithm = algorithm
    this.maxKeys = maxKeys
    // By size, not by `max`: that would lay out room for all keys at once.
    this.live = new LRUCache({ maxSize: maxKeys, sizeCalculation: () => 1 })
  }

  get(key: string): State | undefined {
    return this.live.get(key) ?? (this.refused.size > 0 ? this.refused.get(key)?.state : undefined)
  }

  /** Keeps a new state, giving up a drained key, or else the longest unused, when full. */
  add(key: string, state: State, now: number): void {
    if (this.live.size >= this.maxKeys) this.makeRoom(now)
    this.live.set(key, state)
  }

  /** The key was admitted again: it is a live one like the others. */
  release(key: string, now: number): void {
    if (this.refused.size === 0) return
    const entry = this.refused.get(key)
    if (entry === undefined) return
    this.refused.delete(key)
    this.add(key, entry.state, now)
  }

  /** Keeps the key out of reach of eviction until then, or longer if it was refused for longer before. */
  refuse(key: string, state: State, until: number, now: number): void {
    this.follow(now)
    const known = this.refused.get(key)
    if (known !== undefined) {
      known.until = Math.max(known.until, until)
      return
    }
    const entry = { key, state, until }
    this.live.delete(key)
    this.refused.set(key, entry)
    this.ends.push({ entry, until })
    if (this.refused.size > this.maxKeys) this.giveUpFirstEnd(now)
    if (this.ends.length > 2 * this.refused.size + SAMPLE) this.rebuildEnds()
  }

  delete(key: string): void {
    this.live.delete(key)
    this.refused.delete(key)
  }

  get size(): number {
    return this.live.size
  }

  get refusedSize(): number {
    return this.refused.size
  }

  /** With a clock that was set back, each refused key keeps the wait that it had left. */
  private follow(now: number): void {
    if (now + MAX_SET_BACK_MS < this.latest) {
      for (const entry of this.refused.values()) entry.until -= this.latest - now
      this.rebuildEnds()
      this.latest = now
    }
    this.latest = Math.max(this.latest, now)
  }

  private makeRoom(now: number): void {
    let sampled = 0
    for (const key of this.live.rkeys()) {
      if (this.algorithm.drained(this.live.peek(key) as State, now)) {
        this.live.delete(key)
        return
      }
      if (++sampled === SAMPLE) break
    }
    this.live.pop()
    this.evictedLive++
  }

  private giveUpFirstEnd(now: number): void {
    for (;;) {
      const { entry, until } = this.ends.pop() as { entry: Refused; until: number }
      if (this.refused.get(entry.key) !== entry) continue
      if (entry.until !== until) {
        this.ends.push({ entry, until: entry.until })
        continue
      }
      this.refused.delete(entry.key)
      if (until > now) this.evictedRefused++
      else this.add(entry.key, entry.state, now)
      return
    }
  }

  private rebuildEnds(): void {
    this.ends = new TinyQueue(
      Array.from(this.refused.values(), (entry) => ({ entry, until: entry.until })),
      byEnd,
    )
  }
}

function byEnd(a: { until: number }, b: { until: number }): number {
  return a.until - b.until
}
