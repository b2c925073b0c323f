import { createLimiter, memoryStore, slidingLog } from '@spillway/core'
import { clusterOptions, redisOptions, redisStore } from '@spillway/redis'
import { Cluster, Redis } from 'ioredis'
import { serve } from '../child.js'
import { asked, type InRedis, type Memory, type Subject } from '../subject.js'
import { fill } from './fill.js'
import { keysOf, randomSequence } from './keys.js'
import { loader } from './load.js'
import { processorMs } from './processor-time.js'
import { limitsOf, type Round, type Task } from './scale-tasks.js'
import { scriptStats } from './script-stats.js'
import { ready } from './servers.js'

const ROUND_MS = 150
const WARM_MS = 500
const SEQUENCE = 2 ** 18
/** Between two charges of a log. */
const STEP_MS = 10

await serve(async (subject, [text]): Promise<() => Promise<Round>> => {
  const task = JSON.parse(text as string) as Task
  const { store, ports, keys, concurrency } = task
  const client = store === 'memory' ? undefined : await ready(connect(task))
  const decides = task.entries === undefined ? await bucketsOf(subject, task, client) : logOf(task, client)
  const names = keysOf(keys)
  await decides.ask(names[0] as string)
  if (store === 'memory') for (const name of names) decides.ask(name)
  const probe =
    store === 'redis' && concurrency === 1 ? await ready(new Redis(ports[0] as number)) : undefined
  if (probe !== undefined) await fill(probe, keys)
  const load = loader(decides, randomSequence(names, SEQUENCE), concurrency)

  let times = 100
  for (const until = performance.now() + WARM_MS; performance.now() < until; ) {
    const { ms } = await load(times)
    times = Math.max(concurrency, Math.ceil((times * ROUND_MS) / Math.max(ms, ROUND_MS / 10)))
  }
  return async () => {
    const before = processorMs()
    let ms = 0
    const work = async () => {
      const round = await load(times)
      if (round.admitted < round.asked) throw new Error('All were to be admitted.')
      ms = round.ms
    }
    const redisMs = probe === undefined ? 0 : (await scriptStats(probe, work)).usec / 1_000
    if (probe === undefined) await work()
    return { asked: times, ms, processorMs: processorMs() - before, redisMs }
  }
})

function connect({ store, ports }: Task): Redis | Cluster {
  if (store === 'redis') return new Redis(ports[0] as number, redisOptions)
  return new Cluster(
    ports.map((port) => ({ host: '127.0.0.1', port })),
    clusterOptions,
  )
}

function bucketsOf({ memory, redis }: Subject, task: Task, client: Redis | Cluster | undefined) {
  const limits = limitsOf(task)
  if (client === undefined) return (memory as Required<Memory>).makeSeveral(limits)
  return (redis as Required<InRedis>).makeSeveral(limits, client as Redis)
}

/** By a clock of its own: each charge comes a step after the one before, and drives one out of the window. */
function logOf({ entries = 1, keys }: Task, client: Redis | Cluster | undefined) {
  let now = Date.now()
  const limiter = createLimiter({
    name: 'scale',
    policies: { log: slidingLog({ limit: 1_000, window: `${entries * STEP_MS}ms` }) },
    store: client === undefined ? memoryStore({ maxKeys: 2 * keys }) : redisStore({ client }),
    deadline: '10s',
    fallback: 'deny',
    clock: () => {
      now += STEP_MS
      return now
    },
  })
  const { consumeSync } = limiter as Partial<typeof limiter> & { consumeSync?: typeof limiter.consume }
  return asked(
    (key: string) => (consumeSync ?? limiter.consume)(key),
    ({ allowed }) => allowed,
  )
}
