import { beforeEach, describe, vi } from 'vitest'
import { aborts } from './aborts.js'
import { delays } from './delay.js'
import { errors } from './errors.js'
import { explaining } from './explaining.js'
import type { Harness } from './harness.js'
import { headers } from './headers.js'
import { holding } from './holding.js'
import { keys } from './keys.js'
import { leaving } from './leaving.js'
import { limiting } from './limiting.js'
import { nested } from './nested.js'
import { policies } from './policies.js'
import { refunds } from './refund.js'
import { refusals } from './refusals.js'
import { responses } from './responses.js'
import { settling } from './settling.js'
import { slots } from './slots.js'

/** Those of them that hold something until a request is over, where the store may matter. */
const HOLDING = [slots, holding, leaving, settling] as const

/** Each describes one idea, in the order of a request's way. */
const SUITES = [
  limiting,
  policies,
  keys,
  headers,
  refusals,
  responses,
  nested,
  refunds,
  delays,
  aborts,
  ...HOLDING,
  explaining,
  errors,
] as const

/** Describes what an adapter must do; run it in a test file of the adapter. */
export function adapterContract<R>(harness: Harness<R>): void {
  run(harness, SUITES)
}

/** The part of {@link adapterContract} on slots and settled charges, for a harness whose limiters are on another store. */
export function holdingContract<R>(harness: Harness<R>): void {
  run(harness, HOLDING)
}

function run<R>(harness: Harness<R>, suites: readonly ((harness: Harness<R>) => void)[]): void {
  describe(harness.framework, () => {
    // Frameworks report the errors that these tests cause.
    beforeEach(() => {
      vi.spyOn(console, 'error').mockImplementation(() => {})
      return () => vi.restoreAllMocks()
    })

    for (const suite of suites) suite(harness)
  })
}
