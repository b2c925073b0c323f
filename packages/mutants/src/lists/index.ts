import type { Mutants } from '../mutant.js'
import { leakyBucket, spikeArrest, tokenBucket } from './buckets.js'
import { call, limiter, limiterOptions, reservation } from './call.js'
import { counter, slidingCounter } from './counter.js'
import { decision } from './decision.js'
import { dialect, gate, headers, xRateLimit } from './headers.js'
import { log, slidingLog, slidingWindow } from './log.js'
import { script, scripts } from './lua.js'
import { meter } from './meter.js'
import { calendar, quota } from './quota.js'
import { resilience } from './resilience.js'
import { memory, table } from './stores.js'
import { transition } from './transition.js'
import { fixedWindow, window } from './window.js'

export const lists: readonly Mutants[] = [
  meter,
  tokenBucket,
  leakyBucket,
  spikeArrest,
  log,
  slidingWindow,
  slidingLog,
  counter,
  slidingCounter,
  window,
  fixedWindow,
  quota,
  calendar,
  transition,
  decision,
  table,
  memory,
  call,
  reservation,
  limiter,
  limiterOptions,
  dialect,
  xRateLimit,
  headers,
  gate,
  ...resilience,
  ...scripts,
  script,
]
