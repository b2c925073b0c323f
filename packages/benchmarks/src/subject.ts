/** What is measured: one file of `subjects/floors`, `ours` or `rivals`. It leaves out what it cannot do. */
export interface Subject {
  /** As its row is called. */
  readonly name: string
  readonly algorithm: string
  /** Decides in this process: `memory` and `footprint`. */
  readonly memory?: Memory
}

export interface Memory {
  /** As its users would make it, for one policy. */
  make(limits: Limits): Asked
  /** Several policies in one decision. Without it that many are made, and asked one after the other. */
  makeSeveral?(limits: readonly Limits[]): Asked
  /** With how many keys it can be measured in reasonable time, and why with no more. */
  readonly most?: { readonly keys: number; readonly because: string }
}

export interface Limits {
  readonly limit: number
  readonly windowMs: number
  /** Where it is bounded: room for all keys of the run, so that nobody drops any. */
  readonly maxKeys: number
}

/**
 * What it answers is kept for a moment, so that a result which callers would get is really made. A refusal may be a
 * rejection: then `allowed` is given the reason.
 */
export interface Asked {
  ask(key: string): unknown
  allowed(result: unknown): boolean
}

/** For a subject's file: `Asked` with the type of its results. */
export function asked<R>(ask: (key: string) => R | Promise<R>, allowed: (result: R) => boolean): Asked {
  return { ask, allowed }
}
