import { setTimeout as sleep } from 'node:timers/promises'
import {
  concurrency,
  createLimiter,
  type LimiterOptions,
  type Policy,
  type Reservation,
  slidingLog,
  slidingWindow,
  tokenBucket,
} from '@spillway/core'
import { redisStore } from '@spillway/redis'
import type { Redis } from 'ioredis'
import { type Script, scriptStats } from './script-stats.js'

const ROUNDS = 7
const ADDRESS = '203.0.113.7'
const LOG = 1_000

/** What one decision, or another call, asks of Redis. */
export interface Timed {
  readonly label: string
  readonly rounds: readonly Script[]
  /** In one round. */
  readonly asked: number
}

interface Case {
  readonly label: string
  readonly times: number
  /** How many decisions one `ask` makes. */
  readonly each?: number
  ask(): Promise<unknown>
  /** Before each, and not measured. */
  before?(): Promise<unknown>
}

/** One round of each case in turn, again and again. */
export async function timed(client: Redis, probe: Redis): Promise<Timed[]> {
  await client.flushall()
  const cases = await allCases(client)
  const rounds = cases.map((): Script[] => [])
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, one] of cases.entries()) {
      const measured = await roundOf(one, probe)
      // The first one warms up.
      if (round > 0) rounds[i]?.push(measured)
    }
  }
  await client.flushall()
  return cases.map(({ label, times, each = 1 }, i) => ({
    label,
    rounds: rounds[i] ?? [],
    asked: times * each,
  }))
}

async function roundOf({ times, ask, before }: Case, probe: Redis): Promise<Script> {
  if (before === undefined) {
    return scriptStats(probe, async () => {
      for (let i = 0; i < times; i++) await ask()
    })
  }
  const sum: Script = { calls: 0, usec: 0, inside: {} }
  for (let i = 0; i < times; i++) {
    await before()
    const { calls, usec, inside } = await scriptStats(probe, ask)
    sum.calls += calls
    sum.usec += usec
    for (const [name, count] of Object.entries(inside)) sum.inside[name] = (sum.inside[name] ?? 0) + count
  }
  return sum
}

async function allCases(client: Redis): Promise<Case[]> {
  let limiters = 0
  const limiter = (policies: Record<string, Policy>, options: Partial<LimiterOptions> = {}) =>
    createLimiter({
      name: `costs-${limiters++}`,
      policies,
      store: redisStore({ client }),
      deadline: '10s',
      fallback: 'deny',
      ...options,
    })
  const policies = (count: number, limit: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => {
        const options = { limit: limit + i, window: '10m' } as const
        return [`p${i}`, i % 2 ? slidingWindow(options) : tokenBucket(options)]
      }),
    )
  const named = (count: number) => `${count} ${count === 1 ? 'policy' : 'policies'}`

  const admitted = [1, 3, 6].map((count): Case => {
    const { consume } = limiter(policies(count, 1e9))
    return { label: `admitted, ${named(count)}`, times: 200, ask: () => consume(ADDRESS) }
  })
  const refusals = (label: string, count: number, options?: Partial<LimiterOptions>): Case => {
    const { consume } = limiter(policies(count, 1), options)
    let isSpent = false
    const before = async () => {
      if (!isSpent) await consume(ADDRESS)
      isSpent = true
    }
    return { label, times: 1, before, ask: () => many(200, () => consume(ADDRESS)), each: 200 }
  }
  const turn = limiter(policies(1, 1e9))
  const settled = limiter(policies(1, 1e9))
  let reservation: Reservation
  return [
    ...admitted,
    ...[1, 3, 6].map((count) => refusals(`refused, ${named(count)}`, count, { denyCache: 0 })),
    refusals('refused again within a second', 1, { denyCache: '1h' }),
    {
      label: '100 decisions in one turn of the event loop, 100 keys',
      times: 10,
      ask: () => Promise.all(Array.from({ length: 100 }, (_, i) => turn.consume(`${ADDRESS}${i}`))),
    },
    {
      label: 'a settlement',
      times: 50,
      before: async () => {
        reservation = await settled.reserve(ADDRESS, { cost: 9 })
      },
      ask: () => reservation.settle(5),
    },
    ...refunds(limiter({ log: slidingLog({ limit: LOG, window: '1h' }) }).reserve),
    ...(await Promise.all(
      [100, 1_000, 10_000].map((held) =>
        slots(limiter({ slots: concurrency({ limit: 10_000, lease: '10m' }) }).reserve, held),
      ),
    )),
  ]
}

type Reserve = (key: string) => Promise<Reservation>

/** All of one log: each before it there are as many charges again, each of a ms of its own. */
function refunds(reserve: Reserve): Case[] {
  const charges: Reservation[] = []
  const before = async () => {
    while (charges.length < LOG) {
      await sleep(1)
      const charge = await reserve(ADDRESS)
      if (charge.decision.allowed) charges.push(charge)
      else throw new Error('The log was to have room.')
    }
  }
  const of = (which: string, place: () => number): Case => ({
    label: `a charge in a \`slidingLog\` of 1,000 given back: ${which}`,
    times: 10,
    before,
    ask: async () => charges.splice(place(), 1)[0]?.cancel(),
  })
  return [of('the newest', () => LOG - 1), of('one amid them', () => LOG / 2), of('the oldest', () => 0)]
}

async function slots(reserve: Reserve, held: number): Promise<Case> {
  for (let i = 1; i < held; i += 100) {
    const some = Math.min(100, held - i)
    await Promise.all(Array.from({ length: some }, () => reserve(ADDRESS)))
  }
  const ask = async () => {
    const slot = await reserve(ADDRESS)
    if (!(slot.decision.allowed && (await slot.renew()) && (await slot.release())))
      throw new Error('No slot.')
  }
  const label = `a slot taken, renewed or released, ${held.toLocaleString('en')} being held`
  return { label, times: 10, each: 3, ask }
}

async function many(times: number, ask: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await ask()
}
