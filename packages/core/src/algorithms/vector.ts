import type { Policy } from '../policy.js'

/** A history of one key under one policy, with every answer worked out from the arithmetic. Any store must give them. */
export interface Vector {
  readonly title: string
  readonly policy: Policy
  readonly steps: readonly Step[]
}

/** The clock (epoch ms), what is asked, the answer, and what is stored then: the state's integers, in their order. */
export type Step = readonly [at: number, ask: Ask, answer?: Answer | undefined, state?: readonly number[]]

export type Ask =
  | { readonly do: 'consume' | 'peek' | 'reserve'; readonly cost: number; readonly limit: number | undefined }
  /** Settles the newest reservation that is open. */
  | { readonly do: 'settle'; readonly actual: number }
  | { readonly do: 'cancel' }
  /** Renews the newest reservation that is open. */
  | { readonly do: 'renew' }
  | { readonly do: 'reset' }

export interface Answer {
  readonly allowed: boolean
  readonly used: number
  readonly remaining: number
  readonly resetMs: number
  readonly retryAfterMs: number | null
  readonly delayMs: number
}

export function consume(cost = 1, limit?: number): Ask {
  return { do: 'consume', cost, limit }
}

export function peek(cost = 1, limit?: number): Ask {
  return { do: 'peek', cost, limit }
}

export function reserve(cost = 1, limit?: number): Ask {
  return { do: 'reserve', cost, limit }
}

export function settle(actual: number): Ask {
  return { do: 'settle', actual }
}

export function cancel(): Ask {
  return { do: 'cancel' }
}

export function renew(): Ask {
  return { do: 'renew' }
}

export function reset(): Ask {
  return { do: 'reset' }
}

export function yes(used: number, remaining: number, resetMs: number, delayMs = 0): Answer {
  return { allowed: true, used, remaining, resetMs, retryAfterMs: 0, delayMs }
}

export function no(used: number, remaining: number, resetMs: number, retryAfterMs: number | null): Answer {
  return { allowed: false, used, remaining, resetMs, retryAfterMs, delayMs: 0 }
}
