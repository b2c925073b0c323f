import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { concurrency, createLimiter, fixedWindow, type Limiter } from '@spillway/core'
import type { Redis } from 'ioredis'
import { afterEach, expect, it } from 'vitest'
import { redisStore } from './index.js'
import { said } from './testing/said.js'
import { describeRedis } from './testing/suite.js'
import { useRedis } from './testing/use-client.js'

const HOLDER = fileURLToPath(new URL('./testing/holder.mjs', import.meta.url))
const PROCESSES = 4
const LIMIT = 5
const LEASE_MS = 400

interface Report {
  /** By Redis' own clock: held at least from then, to then exclusively. */
  readonly held: readonly [from: number, to: number, units: number][]
  readonly settled: number
  readonly refused: number
  readonly failed: number
  readonly renewed: number
  readonly lost: number
  /** Slots that nobody released. */
  readonly left: number
}

describeRedis('processes that hold the same slots', () => {
  const client = useRedis()
  const children: ChildProcess[] = []

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await client().flushall()
  })

  function start(leaseMs = LEASE_MS, seconds = 3): ChildProcess {
    const { port } = client().options
    const task = { port, limit: LIMIT, leaseMs, seconds, workers: 5 }
    const child = fork(HOLDER, [JSON.stringify(task)])
    children.push(child)
    return child
  }

  it('never hold more than there are, and leave none held and all charged that they settled', {
    timeout: 60_000,
  }, async () => {
    const started = Array.from({ length: PROCESSES }, () => start())
    await Promise.all(started.map(said))
    const told = started.map(said<Report>)
    for (const child of started) child.send('go')
    const reports = await Promise.all(told)
    const sum = (of: (report: Report) => number) => reports.reduce((sum, report) => sum + of(report), 0)

    expect(sum(({ failed }) => failed)).toBe(0)
    const held = reports.flatMap(({ held }) => held)
    const atOnce = held.map(([at]) =>
      held.reduce((sum, [from, to, units]) => (from <= at && at < to ? sum + units : sum), 0),
    )
    expect(Math.max(...atOnce)).toBe(LIMIT)
    // And they did want them, renew them, lose them and leave them.
    expect(held.length).toBeGreaterThan(PROCESSES * 3)
    expect(sum(({ refused }) => refused)).toBeGreaterThan(held.length)
    for (const of of ['renewed', 'left'] as const)
      expect(
        sum((report) => report[of]),
        of,
      ).toBeGreaterThan(0)

    await sleep(LEASE_MS)
    const { policies } = await limiterOn(client(), LEASE_MS).peek('hot', { cost: 0 })
    expect(policies.slots.used).toBe(0)
    expect(policies.work.used).toBe(sum(({ settled }) => settled))
  })

  it('lose those of one that is killed when its lease has passed, and not before', {
    timeout: 30_000,
  }, async () => {
    const leaseMs = 1500
    const child = start(leaseMs)
    await said(child)
    child.send('hold')
    const { allowed, now: taken } = await said<{ allowed: boolean; now: number }>(child)
    expect(allowed).toBe(true)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended

    const { reserve } = limiterOn(client(), leaseMs)
    const waits: number[] = []
    for (;;) {
      const { decision } = await reserve('hot')
      if (decision.allowed) {
        expect(decision.now).toBeGreaterThanOrEqual(taken + leaseMs)
        break
      }
      // Refused to the last millisecond, and told how many are left.
      expect(decision.now + (decision.retryAfterMs as number)).toBe(taken + leaseMs)
      waits.push(decision.retryAfterMs as number)
      if (decision.retryAfterMs === 1) continue
      await sleep((decision.retryAfterMs as number) / 2)
    }
    expect(waits.length).toBeGreaterThan(3)
    expect(waits.at(-1)).toBeLessThan(leaseMs / 10)
  })
})

/** A limiter of the holders' name and policies. */
function limiterOn(client: Redis, leaseMs: number): Limiter<'slots' | 'work'> {
  return createLimiter({
    name: 'holders',
    policies: {
      slots: concurrency({ limit: LIMIT, lease: `${leaseMs}ms` }),
      work: fixedWindow({ limit: 1e9, window: '1000d' }),
    },
    store: redisStore({ client }),
    deadline: '10s',
    fallback: 'deny',
  })
}
