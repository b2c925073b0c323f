// One of several processes that hammer the same keys: it tells what it was admitted, by Redis' own clock.
// A plain Node process, so it runs the packages as built.
import {
  createLimiter,
  fixedWindow,
  leakyBucket,
  quota,
  slidingCounter,
  slidingLog,
  slidingWindow,
  spikeArrest,
  tokenBucket,
} from '@spillway/core'
import { redisOptions, redisStore } from '@spillway/redis'
import { Redis } from 'ioredis'

const { port, policies, keys, seconds } = JSON.parse(process.argv[2])
const MAKE = {
  fixedWindow,
  leakyBucket,
  quota,
  slidingCounter,
  slidingLog,
  slidingWindow,
  spikeArrest,
  tokenBucket,
}
const client = new Redis(port, redisOptions)
client.on('error', () => {})

const limiters = Object.entries(policies).map(([name, [algorithm, options]]) => {
  const policy = MAKE[algorithm](options)
  return createLimiter({
    name,
    policies: { policy },
    store: redisStore({ client }),
    deadline: '10s',
    fallback: 'deny',
  })
})

/** By Zipf's law: the second key half as often as the first, the third a third as often, and so on. */
let total = 0
const sums = Array.from({ length: keys }, (_, i) => {
  total += 1 / (i + 1)
  return total
})
function zipf() {
  const drawn = Math.random() * total
  return sums.findIndex((sum) => drawn < sum)
}

const admitted = []
let [asked, failed] = [0, 0]

async function hammer({ name, policies: { policy }, consume }, end) {
  while (performance.now() < end) {
    const key = Math.random() < 0.5 ? 'hot' : `k${zipf()}`
    const cost = policy.algorithm.capacity(policy.limit) > 1 && Math.random() < 0.3 ? 2 : 1
    const { allowed, now, source } = await consume(key, { cost })
    asked++
    if (source === 'fallback') failed++
    if (allowed) admitted.push([name, key, now, cost])
    // What is refused from memory would never let the event loop turn.
    if (source === 'deny-cache') await new Promise(setImmediate)
  }
}

client.once('ready', () => process.send('ready'))
process.once('message', async () => {
  const end = performance.now() + seconds * 1000
  await Promise.all(limiters.flatMap((limiter) => Array.from({ length: 5 }, () => hammer(limiter, end))))
  client.disconnect()
  process.send({ asked, failed, admitted }, () => process.disconnect())
})
