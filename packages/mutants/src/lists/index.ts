import type { Mutants } from '../mutant.js'
import { leakyBucket, spikeArrest, tokenBucket } from './buckets.js'
import { call, limiter, limiterOptions } from './call.js'
import { cluster, turn } from './cluster.js'
import { counter, slidingCounter } from './counter.js'
import { decision } from './decision.js'
import { explain, words } from './explain.js'
import { figures } from './figures.js'
import { dialect, gate, headers, stay, xRateLimit } from './headers.js'
import { charges, outbox, queue, reservation } from './held.js'
import { leases } from './leases.js'
import { log, slidingLog, slidingWindow } from './log.js'
import { scripts } from './lua.js'
import { meter } from './meter.js'
import { offences, penalty } from './penalty.js'
import { calendar, quota } from './quota.js'
import { redis } from './redis.js'
import { resilience } from './resilience.js'
import { memory, table } from './stores.js'
import { transition } from './transition.js'
import { warnings } from './warnings.js'
import { fixedWindow, window } from './window.js'

export const lists: readonly Mutants[] = [
  figures,
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
  leases,
  offences,
  penalty,
  calendar,
  transition,
  decision,
  table,
  memory,
  call,
  reservation,
  charges,
  queue,
  outbox,
  limiter,
  limiterOptions,
  warnings,
  explain,
  words,
  dialect,
  xRateLimit,
  headers,
  gate,
  stay,
  ...resilience,
  cluster,
  turn,
  ...scripts,
  ...redis,
]
