import { checkObject, checkOptions } from '../options.js'
import { HINTS, OF_LIMITER, SHARED } from './hints.js'
import type { OwnedByLimiter } from './options.js'
import type { Checks } from './rules.js'

const LIMIT = "Write `rateLimit({ limit: 100, window: '1m' })`, or give limits to what it returns."

const OF_ONE_LIMITER = [
  'limit',
  'window',
  'policy',
  'policies',
  'limiter',
  'max',
  'windowMs',
  'points',
  'duration',
]

const DEFAULTS_HINTS = { ...HINTS, ...Object.fromEntries(OF_ONE_LIMITER.map((option) => [option, LIMIT])) }

/**
 * Checks the names of shared defaults, where they are given: what has a limit is most likely meant to be a middleware.
 * @param extra options of the adapter's own, as `createGate` takes them
 * @throws SpillwayError `OPTION_UNKNOWN`, `OPTION_INVALID`
 */
export function checkDefaults(defaults: object, extra: Checks = {}): void {
  checkOptions(defaults, [...SHARED, ...Object.keys(extra)], 'createRateLimit', DEFAULTS_HINTS)
}

const UNCALLED =
  "Write `app.use(rateLimit({ limit: 100, window: '1m' }))`; call what createRateLimit() returned, too."

/**
 * A middleware's own options over shared defaults. An `undefined` one does not hide its default, and a limiter that was
 * built already has its own name, store and clock.
 * @throws SpillwayError `OPTION_INVALID`
 */
export function withDefaults<O extends object>(defaults: O, options: O): O {
  // Nothing at all is told with what to write.
  if (options !== undefined) checkObject(options, 'rateLimit', UNCALLED)
  const given = Object.fromEntries(
    Object.entries(options ?? {}).filter(([option, value]) => value !== undefined || !(option in defaults)),
  )
  if (!('limiter' in given)) return { ...defaults, ...given }
  const rest = Object.entries(defaults).filter(([option]) => !OF_LIMITER.includes(option as OwnedByLimiter))
  return { ...Object.fromEntries(rest), ...given } as O
}
