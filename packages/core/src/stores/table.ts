import { LRUCache } from 'lru-cache'
import TinyQueue from 'tinyqueue'
import { type Algorithm, MAX_SET_BACK_MS, type State } from '../algorithms/algorithm.js'

/** How many of the longest unused keys are looked at for a drained one before a live one is given up. */
const SAMPLE = 8

/** What a memory store holds now, and what it had to give up. */
export interface MemoryStats {
  readonly keys: number
  readonly refusedKeys: number
  /** Keys dropped while they still had something charged. */
  readonly evictedLive: number
  /** Keys dropped while they were being refused. */
  readonly evictedRefused: number
}

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
  private readonly algorithm: Algorithm
  private readonly maxKeys: number
  private readonly live: LRUCache<string, State>
  private readonly refused = new Map<string, Refused>()
  /** Refused keys by the end they had when they were queued; an end that moved later since is looked up when it is due. */
  private ends = queue([])
  /** The newest time at which a key was refused. */
  private latest = 0
  private evictedLive = 0
  private evictedRefused = 0

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
      if (until > known.until) known.until = until
      return
    }
    const entry = { key, state, until }
    this.live.delete(key)
    this.refused.set(key, entry)
    this.ends.push({ entry, until })
    if (this.refused.size > this.maxKeys) this.giveUpFirstEnd(now)
    if (this.ends.length > 2 * this.refused.size + SAMPLE) this.ends = queue(this.refused.values())
  }

  delete(key: string): void {
    this.live.delete(key)
    this.refused.delete(key)
  }

  stats(): MemoryStats {
    const { live, refused, evictedLive, evictedRefused } = this
    return { keys: live.size, refusedKeys: refused.size, evictedLive, evictedRefused }
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

  /** With a clock that was set back, each refused key keeps the wait that it had left. */
  private follow(now: number): void {
    if (now + MAX_SET_BACK_MS < this.latest) {
      for (const entry of this.refused.values()) entry.until -= this.latest - now
      this.ends = queue(this.refused.values())
      this.latest = now
    }
    // Not each time: to keep another number costs an object.
    if (now > this.latest) this.latest = now
  }

  private giveUpFirstEnd(now: number): void {
    for (;;) {
      const { entry, until } = this.ends.pop() as Ending
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
}

interface Ending {
  readonly entry: Refused
  readonly until: number
}

function queue(refused: Iterable<Refused>): TinyQueue<Ending> {
  const endings = Array.from(refused, (entry) => ({ entry, until: entry.until }))
  return new TinyQueue(endings, (a, b) => a.until - b.until)
}
