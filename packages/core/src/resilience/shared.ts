import type { Plan, Store } from '../store.js'
import { Breaker } from './breaker.js'
import { DenyCache } from './deny-cache.js'
import type { Local } from './local.js'
import { StoreClock } from './store-clock.js'

/** What all limiters on one store find out about it together. */
interface Shared {
  readonly breaker: Breaker
  readonly clock: StoreClock
  readonly pools: Map<string, Pool>
}

/** What limiters of one name share besides: they have the same policies, and the same state. */
export interface Pool {
  /** None where a refusal charges: each must be asked for. */
  readonly denials: DenyCache | undefined
  /** Once one of them falls back to it. */
  local?: Local
}

const stores = new WeakMap<Store, Shared>()

export function sharedOn(store: Store): Shared {
  const known = stores.get(store)
  if (known !== undefined) return known
  const shared = { breaker: new Breaker(), clock: new StoreClock(), pools: new Map<string, Pool>() }
  stores.set(store, shared)
  return shared
}

export function poolOf({ pools }: Shared, plan: Plan): Pool {
  const known = pools.get(plan.name)
  if (known !== undefined) return known
  const refusalsCharge = plan.policies.some(({ chargeRefused }) => chargeRefused)
  const pool = { denials: refusalsCharge ? undefined : new DenyCache(plan) }
  pools.set(plan.name, pool)
  return pool
}
