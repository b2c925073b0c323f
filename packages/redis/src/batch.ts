import type { Outcome } from '@spillway/core'
import type { Call } from './wire.js'

/** So many decisions at most in one script call, so that none keeps Redis from its other work for long. */
const MOST_CALLS = 128

interface Waiting {
  readonly call: Call
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

/**
 * Puts the calls of one turn of the event loop together, those of one group. Each gets what `send` finds for it: an
 * outcome, or the error that is its own; when `send` rejects, they all fail.
 */
export function batching(
  send: (calls: readonly Call[]) => Promise<readonly (() => Outcome)[]>,
  groupOf: (call: Call) => string,
): (call: Call) => Promise<Outcome> {
  let waiting: Waiting[] = []

  function flush(): void {
    const groups = new Map<string, Waiting[]>()
    for (const entry of waiting) {
      const group = groupOf(entry.call)
      const batch = groups.get(group)
      if (batch === undefined) groups.set(group, [entry])
      else if (batch.push(entry) === MOST_CALLS) {
        groups.delete(group)
        void deliver(batch)
      }
    }
    waiting = []
    for (const batch of groups.values()) void deliver(batch)
  }

  async function deliver(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await send(batch.map(({ call }) => call))
      for (const [i, { resolve, reject }] of batch.entries()) {
        try {
          resolve((answers[i] as () => Outcome)())
        } catch (error) {
          reject(error)
        }
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return (call) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push({ call, resolve, reject })
    })
}
