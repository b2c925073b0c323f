import type { Decision, Policy } from '@spillway/core'
import {
  fixedWindow,
  leakyBucket,
  quota,
  slidingCounter,
  slidingLog,
  slidingWindow,
  spikeArrest,
  tokenBucket,
} from '@spillway/core'
import { afterAll, describe, expect, test } from 'vitest'
import { readAccessLog } from './access-log.js'
import { FRAMEWORKS } from './frameworks.js'
import { apart, atMost, bucket, fading, fromFirst, inEach, type Oracle, queueOf } from './oracles.js'
import { type Replayed, replay } from './replay.js'
import { table } from './table.js'
import { generatedTrace } from './trace.js'

const file = process.env['ACCESS_LOG']
const log = file ? await readAccessLog(file) : { requests: generatedTrace(), malformed: [] }
const source = file ? 'the access log' : 'a generated trace (ACCESS_LOG names no log)'

interface Case {
  readonly policy: Policy
  readonly oracle: Oracle
  /** As in `replay`. */
  readonly speed?: number
}

const S = 1000
const HOUR = 3600 * S

/**
 * The limits are chosen for the log of May 2015 that CI replays, so that each algorithm refuses between 5 %
 * and 50 % of all requests, and between 5 % and 50 % of those of at least 50 clients. Where 5 per 10 s does,
 * it is that.
 */
const cases: Record<string, Case> = {
  slidingWindow: { policy: slidingWindow({ limit: 5, window: '10s' }), oracle: atMost(5, 10 * S) },
  slidingLog: { policy: slidingLog({ limit: 5, window: '10s' }), oracle: atMost(5, 10 * S) },
  slidingCounter: { policy: slidingCounter({ limit: 5, window: '10s' }), oracle: fading(5, 10 * S) },
  // 5 would refuse 4 % only: they come back one by one, all the time.
  tokenBucket: { policy: tokenBucket({ limit: 3, window: '10s' }), oracle: bucket(3, 10 * S, 3) },
  // 2 per 10 s and 2 that wait, 100 times as fast: the longest delay, 10 s, is 100 ms.
  leakyBucket: {
    policy: leakyBucket({ limit: 2, window: '100ms', queue: 2 }),
    oracle: queueOf(50, 2),
    speed: 100,
  },
  // 2 s apart. The log knows whole seconds: from '60pm' on each rate would refuse the same.
  spikeArrest: { policy: spikeArrest('30pm'), oracle: apart(2 * S) },
  // In windows that begin at full tens, 5 would refuse too few of too few.
  'fixedWindow epoch': { policy: fixedWindow({ limit: 4, window: '10s' }), oracle: inEach(4, 10 * S) },
  'fixedWindow first': {
    policy: fixedWindow({ limit: 5, window: '10s', start: 'first' }),
    oracle: fromFirst(5, 10 * S),
  },
  // India is 5:30 h ahead of UTC all year: its days end at no full hour of the log's. 20 a day refuse 21 %.
  quota: {
    policy: quota({ limit: 20, period: 'day', timeZone: 'Asia/Kolkata' }),
    oracle: inEach(20, 24 * HOUR, 5.5 * HOUR),
  },
}

const report: Record<string, string | number>[] = []

afterAll(() => console.log(`Replayed ${source}\n\n${table(report)}\n`))

test('nothing of the log is left out', () => {
  expect(log.malformed).toEqual([])
})

describe.each(FRAMEWORKS)(`${log.requests.length} requests of ${source} through %s`, (framework) => {
  test.each(Object.entries(cases))(
    '%s decides each like its oracle',
    async (name, { policy, oracle, speed }) => {
      const { requests } = log
      const started = performance.now()
      const answers = await replay({ framework, policy, requests, ...(speed && { speed }) })
      const seconds = ((performance.now() - started) / 1000).toFixed(1)

      const { differing, clients } = compare(answers, oracle, speed)
      const refused = sum(clients.map((client) => client.refused))
      const hit = clients.filter((client) => client.refused > 0)
      const partly = hit.filter((client) => isInBand(client.refused / client.sent))
      report.push({
        adapter: framework,
        algorithm: name,
        sent: answers.length,
        admitted: answers.length - refused,
        refused,
        'clients refused': hit.length,
        differing: differing.length,
        seconds,
      })

      expect(differing.slice(0, 3)).toEqual([])
      expect(answers).toHaveLength(requests.length)
      expect(refused / answers.length).toSatisfy(isInBand)
      expect(partly.length).toBeGreaterThanOrEqual(50)
    },
    120_000,
  )
})

const isInBand = (share: number) => share >= 0.05 && share <= 0.5
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

/** Puts each decision, and the answer on the wire, beside what the oracle says. */
function compare(answers: readonly Replayed[], oracle: Oracle, speed = 1) {
  const clients = new Map<string, { admitted: number[]; sent: number; refused: number }>()
  const differing: unknown[] = []
  for (const answer of answers) {
    const { address, time } = answer.request
    const client = clients.get(address) ?? { admitted: [], sent: 0, refused: 0 }
    clients.set(address, client)
    const wanted = expected(oracle, client.admitted, time / speed, answer.decision)
    const seen = observed(answer)
    if (JSON.stringify(seen) !== JSON.stringify(wanted))
      differing.push({ request: answer.request, seen, wanted })
    client.sent++
    if (wanted.allowed) client.admitted.push(time / speed)
    else client.refused++
  }
  return { differing, clients: [...clients.values()] }
}

/** The wait is right when the oracle admits after it, and not one millisecond sooner. */
function expected(oracle: Oracle, admitted: readonly number[], now: number, { retryAfterMs }: Decision) {
  const allowed = oracle.admits(admitted, now)
  const after = allowed ? [...admitted, now] : admitted
  const wait = retryAfterMs ?? Number.NaN
  const isExact = allowed
    ? wait === 0
    : oracle.admits(admitted, now + wait) && !oracle.admits(admitted, now + wait - 1)
  const remaining = roomAt(oracle, after, now)
  return {
    now,
    allowed,
    remaining,
    retryAfterMs: isExact ? wait : 'another',
    delayMs: allowed ? (oracle.delayMs?.(admitted, now) ?? 0) : 0,
    status: allowed ? 200 : 429,
    'x-ratelimit-remaining': String(remaining),
    'retry-after': allowed ? undefined : String(Math.ceil(wait / 1000)),
  }
}

function observed({ decision, status, headers }: Replayed): ReturnType<typeof expected> {
  const { now, allowed, remaining, retryAfterMs, delayMs } = decision
  return {
    now,
    allowed,
    remaining,
    retryAfterMs: retryAfterMs ?? 'another',
    delayMs,
    status,
    'x-ratelimit-remaining': String(headers['x-ratelimit-remaining']),
    'retry-after': headers['retry-after'],
  }
}

/** How many more would be admitted at this moment. */
function roomAt(oracle: Oracle, admitted: readonly number[], now: number): number {
  return oracle.admits(admitted, now) ? 1 + roomAt(oracle, [...admitted, now], now) : 0
}
