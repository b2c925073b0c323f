import { Redis } from 'ioredis'
import { serve } from '../child.js'
import type { Asked, InRedis } from '../subject.js'
import { keysOf, randomSequence } from './keys.js'
import { loader } from './load.js'
import { type Round, SCENARIOS, type Scenario } from './redis-scenarios.js'
import { commandCounts, ready } from './servers.js'
import { stack } from './stack.js'

const ROUND_MS = 150
const WARM_MS = 1_000
const SEQUENCE = 2 ** 16

await serve(async (subject, [title, port]): Promise<() => Promise<Round>> => {
  const inRedis = subject.redis as InRedis
  const scenario = SCENARIOS.find((one) => one.title === title) as Scenario
  const client = await ready(new Redis(Number(port), inRedis.options ?? {}))
  const probe = await ready(new Redis(Number(port)))
  const sequence = randomSequence(keysOf(scenario.keys), SEQUENCE)
  const load = loader(await make(inRedis, scenario, client), sequence, scenario.concurrency)

  // It runs in pieces of the length that a round will have, so that it is warm for just that.
  let times = 100
  for (const until = performance.now() + WARM_MS; performance.now() < until; ) {
    const { ms } = await load(times)
    times = Math.max(scenario.concurrency, Math.ceil((times * ROUND_MS) / Math.max(ms, ROUND_MS / 10)))
  }
  return async () => {
    let round = { ms: 0, asked: 0, admitted: 0 }
    const counts = await commandCounts(probe, async () => {
      round = await load(times)
    })
    return { ...round, commands: sent(counts) }
  }
})

async function make(inRedis: InRedis, { limits }: Scenario, client: Redis): Promise<Asked> {
  const [first] = limits
  if (limits.length === 1 && first !== undefined) return inRedis.make(first, client)
  if (inRedis.makeSeveral !== undefined) return inRedis.makeSeveral(limits, client)
  return stack(await Promise.all(limits.map((each) => inRedis.make(each, client))))
}

/** Where there are scripts, the other commands are theirs. */
function sent(counts: Record<string, number>): number {
  const scripts = (counts['evalsha'] ?? 0) + (counts['eval'] ?? 0)
  return scripts > 0 ? scripts : Object.values(counts).reduce((sum, count) => sum + count, 0)
}
