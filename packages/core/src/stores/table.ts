import { LRUCache } from 'lru-cache'
import TinyQueue from 'tinyqueue'
import { type Algorithm, MAX_SET_BACK_MS, type State } from '../algorithms/algorithm.js'

/** How many of the longest unused keys are looked at for a drained one before a live one is given up. */
const SAMPLE = 8

/**
 * One policy's states: at most `maxKeys` live ones, least recently used first out, and beside them at most `maxKeys`
 * that are being refused, which no flood of fresh keys pushes out.
 */
export interface Table {
  get(key: string): State | undefined
  /** Keeps a new state, giving up a drained key, or else the longest unused, when full. */
  add(key: string, state: State, now: number): void
  /** The key was admitted again: it is a live one like the others. */
  release(key: string, now: number): void
  /** Keeps the key out of reach of eviction until then, or longer if it was refused for longer before. */
  refuse(key: string, state: State, until: number, now: number): void
  delete(key: string): void
  stats(): MemoryStats
}

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

export function createTable(algorithm: Algorithm, maxKeys: number): Table {
  // By size, not by `max`: that would lay out room for all keys at once.
  const live = new LRUCache<string, State>({ maxSize: maxKeys, sizeCalculation: () => 1 })
  const refused = new Map<string, Refused>()
  /** Refused keys by the end they had when they were queued; an end that moved later since is looked up when it is due. */
  let ends = queue([])
  /** The newest time at which a key was refused. */
  let latest = 0
  let evictedLive = 0
  let evictedRefused = 0

  function add(key: string, state: State, now: number): void {
    if (live.size >= maxKeys) makeRoom(now)
    live.set(key, state)
  }

  function makeRoom(now: number): void {
    let sampled = 0
    for (const key of live.rkeys()) {
      if (algorithm.drained(live.peek(key) as State, now)) {
        live.delete(key)
        return
      }
      if (++sampled === SAMPLE) break
    }
    live.pop()
    evictedLive++
  }

  /** With a clock that was set back, each refused key keeps the wait that it had left. */
  function follow(now: number): void {
    if (now + MAX_SET_BACK_MS < latest) {
      for (const entry of refused.values()) entry.until -= latest - now
      ends = queue(refused.values())
      latest = now
    }
    // Not each time: to keep another number costs an object.
    if (now > latest) latest = now
  }

  function giveUpFirstEnd(now: number): void {
    for (;;) {
      const { entry, until } = ends.pop() as Ending
      if (refused.get(entry.key) !== entry) continue
      if (entry.until !== until) {
        ends.push({ entry, until: entry.until })
        continue
      }
      refused.delete(entry.key)
      if (until > now) evictedRefused++
      else add(entry.key, entry.state, now)
      return
    }
  }

  return {
    get: (key) => live.get(key) ?? (refused.size > 0 ? refused.get(key)?.state : undefined),

    add,

    release(key, now) {
      if (refused.size === 0) return
      const entry = refused.get(key)
      if (entry === undefined) return
      refused.delete(key)
      add(key, entry.state, now)
    },

    refuse(key, state, until, now) {
      follow(now)
      const known = refused.get(key)
      if (known !== undefined) {
        if (until > known.until) known.until = until
        return
      }
      const entry = { key, state, until }
      live.delete(key)
      refused.set(key, entry)
      ends.push({ entry, until })
      if (refused.size > maxKeys) giveUpFirstEnd(now)
      if (ends.length > 2 * refused.size + SAMPLE) ends = queue(refused.values())
    },

    delete(key) {
      live.delete(key)
      refused.delete(key)
    },

    stats: () => ({ keys: live.size, refusedKeys: refused.size, evictedLive, evictedRefused }),
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
