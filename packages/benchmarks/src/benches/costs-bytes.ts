import {
  concurrency,
  createLimiter,
  fixedWindow,
  leakyBucket,
  type Policy,
  quota,
  slidingCounter,
  slidingLog,
  slidingWindow,
  spikeArrest,
  tokenBucket,
} from '@spillway/core'
import { redisStore } from '@spillway/redis'
import type { Redis } from 'ioredis'
import type { Row } from '../bench.js'
import { fill } from './fill.js'

const WINDOW_MS = 60_000
const ADDRESS = '203.0.113.7'
const MILLION = 1_000_000

interface Case {
  readonly label: string
  readonly policy: Policy
  /** How many ms after the one before each charge is made. */
  readonly after: readonly number[]
  readonly cost?: number
}

const window = WINDOW_MS
const rate = { limit: 300, window } as const
const spread = (charges: number) => new Array<number>(charges).fill(WINDOW_MS / charges)
const times = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'charge' : 'charges'}`
const calendar = { period: 'month', timeZone: 'UTC' } as const

const CASES: readonly Case[] = [
  { label: '`tokenBucket`', policy: tokenBucket(rate), after: [0] },
  { label: '`leakyBucket`', policy: leakyBucket({ limit: 300, window, queue: 30 }), after: [0] },
  { label: '`spikeArrest`', policy: spikeArrest('300pm'), after: [0] },
  { label: '`slidingCounter`', policy: slidingCounter(rate), after: [0] },
  { label: '`fixedWindow`', policy: fixedWindow(rate), after: [0] },
  { label: '`quota`', policy: quota({ limit: 300, ...calendar }), after: [0] },
  ...[1, 10, 60].map((charges) => ({
    label: `\`slidingWindow\`, after ${times(charges)} in the window`,
    policy: slidingWindow(rate),
    after: spread(charges),
  })),
  {
    // As many at first as it tells apart by the millisecond, and then one in each segment.
    label: '`slidingWindow`, at most: 121 entries of 100,000 units',
    policy: slidingWindow({ limit: 1e9, window }),
    after: [...new Array<number>(61).fill(1), ...new Array<number>(59).fill(WINDOW_MS / 60)],
    cost: 100_000,
  },
  ...[1, 100, 1_000].map((charges) => ({
    label: `\`slidingLog\`, after ${times(charges)} in the window`,
    policy: slidingLog({ limit: 1_000, window }),
    after: spread(charges),
  })),
  ...[1, 10, 100, 1_000].map((slots) => ({
    label: `\`concurrency\`, with ${slots.toLocaleString('en')} ${slots === 1 ? 'slot' : 'slots'} held`,
    policy: concurrency({ limit: 10_000, lease: '10m' }),
    after: new Array<number>(slots).fill(10),
  })),
]

export async function bytes(client: Redis): Promise<Row[]> {
  const rows: Row[] = []
  for (const one of CASES) rows.push(row(one.label, await bytesOf(client, one)))
  rows.push(row('a settlement, for a minute', await settlement(client)))
  const label = "each of a million keys under one `tokenBucket`, with Redis' own tables"
  rows.push(row(label, await perKeyOfMillion(client)))
  await client.flushall()
  return rows
}

const row = (subject: string, sample: number): Row => ({
  subject,
  kind: 'ours',
  algorithm: '',
  samples: [sample],
})

async function bytesOf(client: Redis, { policy, after, cost = 1 }: Case): Promise<number> {
  await client.flushall()
  let now = Date.now()
  const { reserve } = limiter(client, policy, () => now)
  for (const ms of after) {
    now += ms
    const { decision } = await reserve(ADDRESS, { cost })
    if (!decision.allowed) throw new Error(`It was to be admitted: ${decision.code}`)
  }
  const [key = ''] = await client.keys('*')
  return usage(client, key)
}

async function settlement(client: Redis): Promise<number> {
  await client.flushall()
  const reservation = await limiter(client, tokenBucket(rate)).reserve(ADDRESS, { cost: 9 })
  const before = await client.keys('*')
  await reservation.settle(5)
  const [key = ''] = (await client.keys('*')).filter((key) => !before.includes(key))
  return usage(client, key)
}

async function perKeyOfMillion(client: Redis): Promise<number> {
  await client.flushall()
  const before = await used(client)
  await limiter(client, tokenBucket(rate)).consume('user:100000')
  await fill(client, MILLION)
  return Math.round(((await used(client)) - before) / MILLION)
}

function limiter(client: Redis, minute: Policy, clock?: () => number) {
  return createLimiter({
    name: 'api',
    policies: { minute },
    store: redisStore({ client }),
    deadline: '10s',
    fallback: 'deny',
    ...(clock && { clock }),
  })
}

async function usage(client: Redis, key: string): Promise<number> {
  return Number(await client.memory('USAGE', key, 'SAMPLES', 0))
}

async function used(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1])
}
