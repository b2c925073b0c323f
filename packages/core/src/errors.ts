/** What went wrong, as a stable code. Messages may improve between versions, codes do not change. */
export type SpillwayErrorCode =
  | 'OPTION_UNKNOWN'
  | 'OPTION_MISSING'
  | 'OPTION_CONFLICT'
  | 'OPTION_INVALID'
  | 'NAME_INVALID'
  | 'NAME_REQUIRED'
  | 'NAME_TAKEN'
  | 'POLICY_INVALID'
  | 'LIMIT_INVALID'
  | 'LIMIT_TOO_LARGE'
  | 'WINDOW_INVALID'
  | 'RATE_UNREACHABLE'
  | 'TIME_ZONE_INVALID'
  | 'COST_INVALID'
  | 'KEY_INVALID'
  | 'CALLBACK_FAILED'
  | 'CLIENT_IP_UNKNOWN'
  | 'ROUTE_UNKNOWN'
  | 'CLOCK_INVALID'
  | 'RESERVE_REQUIRED'
  | 'LEASE_LOST'
  | 'STORE_FAILED'
  | 'SETTLEMENT_LOST'
  | 'STATE_MALFORMED'

const MARK = Symbol.for('spillway.error')

/**
 * Misuse or a failing backend. A refused request is never an error: it is a {@link Decision}.
 * `instanceof` also holds between two copies of this package (ESM beside CommonJS, two versions).
 */
export class SpillwayError extends Error {
  override readonly name = 'SpillwayError'
  readonly code: SpillwayErrorCode
  /** The status by which Express, Koa and others answer it: a misused limiter is the server's fault. */
  readonly status = 500
  readonly expose = false

  constructor(code: SpillwayErrorCode, message: string, options?: ErrorOptions) {
    super(`${message} [${code}]`, options)
    this.code = code
    Object.defineProperty(this, MARK, { value: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARK in value
  }
}

/** Shows a rejected value in a message: short, and unmistakable about its type. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return Object.is(value, -0) ? '-0' : String(value)
}
