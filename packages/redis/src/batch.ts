import type { Outcome } from '@spillway/core'
import { afterTurn } from './turn.js'
import type { Call } from './wire.js'

/** So many decisions at most in one script call, so that none keeps Redis from its other work for long. */
const MOST_CALLS = 128

/** About so long are their keys at most, all together: a key may be of any length. */
const MOST_CHARACTERS = 256 * 1024

/** A turn that does not end for so long may never do: a Worker ends it with the request that began it. */
const LONGEST_TURN_MS = 10

interface Batch {
  readonly begun: number
  readonly calls: Call[]
  readonly answers: Promise<readonly unknown[]>
  characters: number
}

/**
 * Puts the calls of one turn of the event loop together, those of one group. Each gets what `read` finds in its answer: an
 * outcome, or the error that is its own; when `send` rejects, they all fail.
 */
export function batching(
  send: (calls: readonly Call[]) => Promise<readonly unknown[]>,
  read: (answer: unknown, call: Call) => Outcome,
  groupOf: (call: Call) => string,
): (call: Call) => Promise<Outcome> {
  /** Those that take calls still. */
  const open = new Map<string, Batch>()

  function begin(group: string, now: number): Batch {
    const calls: Call[] = []
    const turn = new Promise<void>(afterTurn)
    const answers = turn.then(() => {
      if (open.get(group) === batch) open.delete(group)
      return send(calls)
    })
    const batch: Batch = { begun: now, calls, answers, characters: 0 }
    open.set(group, batch)
    return batch
  }

  function batchOf(group: string): Batch {
    const now = performance.now()
    const batch = open.get(group)
    return batch !== undefined && now - batch.begun < LONGEST_TURN_MS ? batch : begin(group, now)
  }

  return (call) => {
    const group = groupOf(call)
    const batch = batchOf(group)
    const place = batch.calls.push(call) - 1
    for (const key of call.keys) batch.characters += key.length
    if (batch.calls.length === MOST_CALLS || batch.characters >= MOST_CHARACTERS) open.delete(group)
    return batch.answers.then((answers) => read(answers[place], call))
  }
}
