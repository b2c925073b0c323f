import type { Stage } from './stage.js'

/** A library of the table, made as its users would make it: one file of `contenders`. */
export interface Contender {
  readonly name: string
  /** Whose versions are told; the first is the library's own. */
  readonly packages: readonly string[]
  /** Where its code lies, as it stands in a stack. */
  readonly code: string
  /** By what it is called in a cell: the store, or the algorithm where facts differ by it. */
  readonly makes: Readonly<Record<string, Make>>
  /** What is asked while Redis is frozen, if more than those of `makes` that need Redis. */
  readonly frozen?: Readonly<Record<string, Make>>
  /** How it is asked for several limits at once. */
  readonly several: string
  /** Of whom nobody says who the client is, it takes its address. */
  readonly byAddress: boolean
}

export interface Make {
  /** Whose time it goes by: only that of this process can be set forward. */
  readonly clock: 'process' | 'redis'
  readonly keeps: 'memory' | 'redis'
  /**
   * Several limits are one decision where the library can, else one after the other in the order given.
   * @param more options that it may not know
   */
  make(limits: readonly Limit[], stage: Stage, more?: Readonly<Record<string, unknown>>): Promise<Made>
}

export interface Limit {
  readonly name: string
  readonly limit: number
  readonly windowMs: number
}

interface Made {
  readonly ask: Ask
  /** How many keys it holds in this process. */
  keys?(): number
  /** What bounds them. */
  readonly bound?: string
}

/** A request of a client, which is known by its address. Rejects where it is answered by an error. */
export type Ask = (address: string) => Promise<Answer>

export interface Answer {
  readonly allowed: boolean
  /** How long a refused client is told to wait. */
  readonly waitMs?: number
  /** All that it says, by where it says it. */
  readonly said: Readonly<Record<string, string>>
}

/** For libraries that leave the header to their user: whole seconds, rounded up as is right. */
export function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1_000) * 1_000
}

export async function admitted(ask: Ask, address: string, times: number): Promise<number> {
  let count = 0
  for (let i = 0; i < times; i++) if ((await ask(address)).allowed) count++
  return count
}
