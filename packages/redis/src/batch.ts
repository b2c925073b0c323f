import type { Outcome } from '@spillway/core'
import { afterTurn } from './turn.js'
import type { Call } from './wire.js'

/** So many decisions at most in one script call, so that none keeps Redis from its other work for long. */
const MOST_CALLS = 128

/** About so long are their keys at most, all together: a key may be of any length. */
const MOST_CHARACTERS = 256 * 1024

interface Batch {
  readonly entries: Waiting[]
  characters: number
}

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
    const groups = new Map<string, Batch>()
    for (const entry of waiting) {
      const group = groupOf(entry.call)
      const batch = groups.get(group) ?? { entries: [], characters: 0 }
      groups.set(group, batch)
      batch.entries.push(entry)
      for (const key of entry.call.keys) batch.characters += key.length
      if (batch.entries.length < MOST_CALLS && batch.characters < MOST_CHARACTERS) continue
      groups.delete(group)
      void deliver(batch.entries)
    }
    waiting = []
    for (const { entries } of groups.values()) void deliver(entries)
  }

  async function deliver(entries: readonly Waiting[]): Promise<void> {
    try {
      const answers = await send(entries.map(({ call }) => call))
      for (const [i, { resolve, reject }] of entries.entries()) {
        try {
          resolve((answers[i] as () => Outcome)())
        } catch (error) {
          reject(error)
        }
      }
    } catch (error) {
      for (const { reject } of entries) reject(error)
    }
  }

  return (call) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) afterTurn(flush)
      waiting.push({ call, resolve, reject })
    })
}
