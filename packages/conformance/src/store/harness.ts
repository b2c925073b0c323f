import type { Store } from '@spillway/core'
import { it } from 'vitest'

/** All that the contract must know of a store. */
export interface StoreHarness {
  /** With its version, where it has one. */
  readonly store: string
  /** A store in which nothing is kept yet. */
  create(): Store | Promise<Store>
  /** What this store cannot do, each with its reason. */
  readonly exempt?: Readonly<Partial<Record<StoreExemption, string>>>
}

export type StoreExemption =
  /** Several policies are decided as one. */
  | 'all or nothing'
  /** Many decisions at once stay one each even where their policies count by different keys. */
  | 'several keys as one'
  /** Keys of 100,000 characters. */
  | 'large keys'
  /** Keys that are no well-formed Unicode. */
  | 'lone surrogates'

/** A test for those stores that are not exempt; for the others it is skipped, with the reason. */
export function itUnless(reason: string | undefined, title: string, test: () => Promise<void>): void {
  it(title, async (context) => {
    context.skip(reason !== undefined, reason)
    await test()
  })
}
