import { setTimeout as sleep } from 'node:timers/promises'
import type { Decision, Limiter } from '@spillway/core'
import { expect } from 'vitest'
import { watchStalls } from './stalls.js'

const DEADLINE_MS = 50

/** How much later than its deadline a decision may come, beside the longest that our own event loop stood still. */
const SLACK_MS = 25

interface Seen {
  readonly key: string
  readonly at: number
  readonly tookMs: number
  readonly decision: Decision
}

export interface Traffic {
  readonly seen: readonly Seen[]
  /** Which sources decided what was asked in that time. */
  sources(from: number, to?: number): string[]
  /** Waits for a decision of the store that was asked for after that moment; answers when it came. */
  recovery(since: number, key?: string): Promise<number>
  /** Ends it, and expects that every decision came in its time and that nothing was left unhandled. */
  stop(): Promise<readonly Seen[]>
}

export interface TrafficOptions {
  readonly keys?: readonly string[]
  readonly everyMs?: number
  readonly deadlineMs?: number
}

/** Asks for a decision on every key, again and again, until it is stopped. */
export function startTraffic(
  limiter: Limiter,
  { keys = ['a', 'b', 'c'], everyMs = 10, deadlineMs = DEADLINE_MS }: TrafficOptions = {},
): Traffic {
  const seen: Seen[] = []
  const unhandled: unknown[] = []
  let open = 0
  const stalls = watchStalls()
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  const timer = setInterval(() => keys.forEach(ask), everyMs)

  function ask(key: string): void {
    const at = performance.now()
    open++
    limiter
      .consume(key)
      .then((decision) => seen.push({ key, at, tookMs: performance.now() - at, decision }), note)
      .finally(() => open--)
  }

  return {
    seen,

    sources(from, to = Number.POSITIVE_INFINITY) {
      return [
        ...new Set(seen.filter(({ at }) => at >= from && at < to).map(({ decision }) => decision.source)),
      ]
    },

    async recovery(since, key) {
      for (const end = performance.now() + 15_000; performance.now() < end; await sleep(2)) {
        const first = seen.find(
          (one) => one.at >= since && one.decision.source === 'store' && (key ?? one.key) === one.key,
        )
        if (first !== undefined) return first.at + first.tookMs
      }
      throw new Error('The store did not decide again.')
    },

    async stop() {
      clearInterval(timer)
      for (const end = performance.now() + 3000; open > 0 && performance.now() < end; ) await sleep(5)
      process.off('unhandledRejection', note)
      stalls.stop()
      expect({ open, unhandled }).toEqual({ open: 0, unhandled: [] })
      const latest = deadlineMs + SLACK_MS + stalls.longest()
      const late = seen.filter(({ tookMs }) => tookMs > latest)
      expect(late).toEqual([])
      return seen
    },
  }
}
