import fc from 'fast-check'
import { concurrency } from '../algorithms/concurrency/concurrency.js'
import { fixedWindow } from '../algorithms/fixed-window/fixed-window.js'
import { quota } from '../algorithms/quota/quota.js'
import { slidingCounter } from '../algorithms/sliding-counter/sliding-counter.js'
import { slidingLog } from '../algorithms/sliding-log/sliding-log.js'
import { slidingWindow } from '../algorithms/sliding-window/sliding-window.js'
import { tokenBucket } from '../algorithms/token-bucket/token-bucket.js'
import { createLimiter, type Limiter, type LimiterOptions } from '../limiter.js'
import { holds, same } from './check.js'

const [SLOTS, LIMIT] = [3, 60]
const LEASE_MS = 3_600_000

/** Slots, and charges that all still count after half an hour. */
const policies = {
  slots: concurrency({ limit: SLOTS, lease: LEASE_MS }),
  bucket: tokenBucket({ limit: 1, window: '1000d', burst: LIMIT }),
  window: slidingWindow({ limit: LIMIT, window: '1h', segments: 5 }),
  log: slidingLog({ limit: LIMIT, window: '1h' }),
  counter: slidingCounter({ limit: LIMIT, window: '1h' }),
  fixed: fixedWindow({ limit: LIMIT, window: '1h', start: 'first' }),
  calendar: quota({ limit: LIMIT, period: 'hour' }),
}
type Name = keyof typeof policies

/** So many units for every policy that is charged. */
function each(units: number): Record<Exclude<Name, 'slots'>, number> {
  return { bucket: units, window: units, log: units, counter: units, fixed: units, calendar: units }
}

/** One piece of work, from its reservation to its end. */
interface Life {
  readonly key: 'a' | 'b'
  readonly estimate: number
  readonly chunks: readonly { readonly units: number; readonly finish: boolean }[]
  /** Settled by what it produced, or by so many units; cancelled; or it is heard of no more. */
  readonly end: 'settle' | number | 'cancel' | 'crash'
}

export const lives: fc.Arbitrary<Life[]> = fc.array(
  fc.record({
    key: fc.constantFrom('a' as const, 'b' as const),
    estimate: fc.nat(12),
    chunks: fc.array(fc.record({ units: fc.nat(8), finish: fc.boolean() }), { maxLength: 5 }),
    end: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('settle' as const, 'cancel' as const) },
      { weight: 3, arbitrary: fc.nat(20) },
      { weight: 1, arbitrary: fc.constant('crash' as const) },
    ),
  }),
  { minLength: 1, maxLength: 20 },
)

/** What is left of a life: units, and slots that only their lease frees. */
interface Rest {
  readonly key: string
  readonly units: number
  readonly slots: number
}

/**
 * Lives all of them at once, and checks that never more slots are held than there are, and that in the end all is charged that
 * was settled, to the unit, and nothing held.
 */
export async function checkLives(
  all: readonly Life[],
  options: Pick<LimiterOptions, 'name' | 'store'>,
): Promise<void> {
  let now = Date.UTC(2030, 0, 1, 12)
  // So little that all of it together is no half an hour.
  const clock = () => now++
  const around = { deadline: '10s', fallback: 'deny', denyCache: 0 } as const
  const limiter: Limiter<Name> = createLimiter({ ...options, ...around, policies, clock })

  const rests = (await Promise.all(all.map((life) => live(limiter, life)))).flat()
  for (const key of ['a', 'b']) {
    const own = rests.filter((rest) => rest.key === key)
    const sum = (of: 'units' | 'slots') => own.reduce((sum, rest) => sum + rest[of], 0)
    const used = async () => {
      const { policies } = await limiter.peek(key, { cost: 0 })
      return Object.fromEntries(Object.entries(policies).map(([name, state]) => [name, state.used]))
    }
    same(await used(), { slots: sum('slots'), ...each(sum('units')) }, `what is left of ${key}`)
  }
  now += LEASE_MS
  for (const key of ['a', 'b']) {
    const { policies } = await limiter.peek(key, { cost: 0 })
    same(policies.slots.used, 0, `slots of ${key} after a lease`)
  }
}

async function live(limiter: Limiter<Name>, { key, estimate, chunks, end }: Life): Promise<Rest[]> {
  const held = await limiter.reserve(key, { cost: { slots: 1, ...each(estimate) } })
  if (!held.decision.allowed) return []
  let produced: number | undefined
  for (const { units, finish } of chunks) {
    same(await held.renew(), true, 'renewed')
    const went = await held.meter(each(units), { atLimit: finish ? 'finish' : 'stop' })
    if (went || finish) produced = (produced ?? 0) + units
    const { used } = (await limiter.peek(key, { cost: 0 })).policies.slots
    holds(used <= SLOTS, () => `${used} slots of ${SLOTS} are held`)
  }
  if (end === 'crash') return [{ key, units: Math.max(estimate, produced ?? 0), slots: 1 }]
  const told = [
    end === 'cancel' ? held.cancel() : end === 'settle' ? held.settle() : held.settle(each(end)),
    held.cancel(),
    held.settle(each(1)),
  ]
  same(await Promise.all(told), [true, false, false], 'ended once')
  const units = end === 'cancel' ? 0 : end === 'settle' ? (produced ?? estimate) : end
  return [{ key, units, slots: 0 }]
}
