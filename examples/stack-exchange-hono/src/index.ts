import { serve } from '@hono/node-server'
import { memoryStore } from '@spillway/hono'
import { redisOptions, redisStore } from '@spillway/redis'
import { Redis } from 'ioredis'
import { createApp } from './app.js'

// With REDIS_URL all processes count together. Without it, and while Redis is away, each one counts for itself.
const redisUrl = process.env['REDIS_URL']
const redis = redisUrl ? new Redis(redisUrl, { ...redisOptions, lazyConnect: true }) : undefined
redis?.on('error', () => {}) // Spillway tells once when Redis does not answer.
// So that the first request counts there too; when there is no Redis yet it goes on trying.
await redis?.connect().catch((error) => console.error(`Redis does not answer yet: ${error.message}`))

const { fetch } = createApp({
  store: redis ? redisStore({ client: redis }) : memoryStore(),
  onWarn: ({ key, policy, used, limit }) => console.warn(`${key}: ${used} of ${limit} used, ${policy}`),
})

serve({ fetch, port: Number(process.env['PORT'] || 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`)
})
