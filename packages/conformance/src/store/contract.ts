import { describe } from 'vitest'
import { allOrNothing } from './all-or-nothing.js'
import { changes } from './changes.js'
import { clocks } from './clock.js'
import { concurrency } from './concurrency.js'
import { edges } from './edges.js'
import type { StoreHarness } from './harness.js'
import { keys } from './keys.js'
import { settling } from './settling.js'
import { slots } from './slots.js'
import { algorithms } from './vectors.js'
import { waits } from './waits.js'

/** Each describes one idea. */
const SUITES = [
  algorithms,
  allOrNothing,
  waits,
  concurrency,
  clocks,
  edges,
  changes,
  settling,
  slots,
  keys,
] as const

/** Describes what a store must do; run it in a test file of the store. */
export function storeContract(harness: StoreHarness): void {
  describe(harness.store, () => {
    for (const suite of SUITES) suite(harness)
  })
}
