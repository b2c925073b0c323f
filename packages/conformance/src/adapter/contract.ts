import { beforeEach, describe, vi } from 'vitest'
import { aborts } from './aborts.js'
import { delays } from './delay.js'
import { errors } from './errors.js'
import type { Harness } from './harness.js'
import { headers } from './headers.js'
import { keys } from './keys.js'
import { limiting } from './limiting.js'
import { nested } from './nested.js'
import { policies } from './policies.js'
import { refunds } from './refund.js'
import { refusals } from './refusals.js'
import { responses } from './responses.js'

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
  errors,
] as const

/** Describes what an adapter must do; run it in a test file of the adapter. */
export function adapterContract<R>(harness: Harness<R>): void {
  describe(harness.framework, () => {
    // Frameworks report the errors that these tests cause.
    beforeEach(() => {
      vi.spyOn(console, 'error').mockImplementation(() => {})
      return () => vi.restoreAllMocks()
    })

    for (const suite of SUITES) suite(harness)
  })
}
