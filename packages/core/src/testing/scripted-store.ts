import type { Awaitable } from '../after.js'
import type { Op } from '../algorithms/algorithm.js'
import type { Attempt, Mode, Outcome, Store } from '../store.js'
import { memoryStore } from '../stores/memory.js'

/** One call that a store got. */
interface StoreCall {
  readonly ops: readonly Op[]
  readonly mode: Mode
  readonly now: number | undefined
  readonly attempt: Attempt | undefined
}

export interface ScriptedStore extends Store {
  /** All that it was asked, oldest first. */
  readonly calls: readonly StoreCall[]
  /** What it does with a call from now on. @default as the memory store does */
  does: (truth: () => Outcome) => Awaitable<Outcome>
  /** Its own clock. @default Date.now */
  clock: () => number
}

/** An asynchronous store, as reliable as a test wants it. */
export function scriptedStore(): ScriptedStore {
  const memory = memoryStore()
  const calls: StoreCall[] = []
  const store: ScriptedStore = {
    sync: false,
    calls,
    does: (truth) => truth(),
    clock: Date.now,

    prepare(plan) {
      const apply = memory.prepare(plan)
      return (ops, mode, now, attempt) => {
        calls.push({ ops, mode, now, attempt })
        // Not an async function: it may throw at once.
        return store.does(() => apply(ops, mode, now ?? store.clock())) as Promise<Outcome>
      }
    },
  }
  return store
}

/** Never answers. */
export function silence(): Promise<never> {
  return new Promise(() => {})
}

/** Fails at once. */
export async function failure(): Promise<never> {
  throw new Error('gone')
}
