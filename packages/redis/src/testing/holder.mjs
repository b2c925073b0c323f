// One of several processes that hold the same slots: it tells from when to when it held how many for certain, by Redis' own
// clock, and what it settled. A plain Node process, so it runs the packages as built.
import { setTimeout as sleep } from 'node:timers/promises'
import { concurrency, createLimiter, fixedWindow } from '@spillway/core'
import { redisOptions, redisStore } from '@spillway/redis'
import { Redis } from 'ioredis'

const { port, limit, leaseMs, seconds, workers } = JSON.parse(process.argv[2])
const client = new Redis(port, redisOptions)
client.on('error', () => {})
/** For Redis' clock alone, by ioredis' own options: a connection that is lost is made again. */
const clock = new Redis(port)
clock.on('error', () => {})

const { reserve } = createLimiter({
  name: 'holders',
  policies: {
    slots: concurrency({ limit, lease: `${leaseMs}ms` }),
    work: fixedWindow({ limit: 1e9, window: '1000d' }),
  },
  store: redisStore({ client }),
  deadline: '10s',
  fallback: 'deny',
})

const held = []
const counts = { refused: 0, failed: 0, renewed: 0, lost: 0, left: 0 }
let settled = 0

/** Redis' clock, before anything that is asked from now on. */
async function before() {
  const [s, us] = await clock.time()
  return Number(s) * 1000 + Math.floor(Number(us) / 1000)
}

const random = (most) => Math.floor(Math.random() * most)

async function work(end) {
  while (performance.now() < end) {
    const units = 1 + random(2)
    const slot = await reserve('hot', { cost: { slots: units, work: 5 } })
    const { allowed, source, now } = slot.decision
    if (source === 'fallback') counts.failed++
    if (!allowed) {
      counts.refused++
      await sleep(random(10))
      continue
    }
    let until = now + leaseMs
    for (let renewals = random(3); renewals > 0; renewals--) {
      await sleep(random(leaseMs * 0.7))
      const asked = await before()
      if (await slot.renew()) {
        counts.renewed++
        until = asked + leaseMs
      } else {
        counts.lost++
        break
      }
    }
    await sleep(random(leaseMs / 2))
    const produced = random(10)
    settled += produced
    // Some settle, and say nothing of their slot: it is free when its lease has passed.
    const isLeft = counts.left === 0 || Math.random() < 0.1
    const released = await before()
    if (!(await slot.settle({ work: produced }, { release: !isLeft }))) counts.failed++
    if (isLeft) counts.left++
    else until = Math.min(until, released)
    if (until > now) held.push([now, until, units])
  }
}

client.once('ready', () => process.send('ready'))
process.once('message', async (message) => {
  if (message === 'hold') {
    // For somebody who ends this process.
    const { decision } = await reserve('hot', { cost: { slots: limit } })
    process.send({ allowed: decision.allowed, now: decision.now })
    return
  }
  const end = performance.now() + seconds * 1000
  await Promise.all(Array.from({ length: workers }, () => work(end)))
  client.disconnect()
  clock.disconnect()
  process.send({ held, settled, ...counts }, () => process.disconnect())
})
