import { describe } from 'vitest'
import { findServer } from './binary.js'

/** Describes what needs a real server; skipped where there is none, which the global setup has told. */
export const describeRedis: typeof describe.skip = describe.skipIf(
  findServer() === undefined,
) as typeof describe.skip
