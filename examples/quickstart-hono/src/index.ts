import { serve } from '@hono/node-server'
import { byApiKey, byIp, createRateLimit, firstOf, memoryStore } from '@spillway/hono'
import { redisOptions, redisStore } from '@spillway/redis'
import { Hono } from 'hono'
import { Redis } from 'ioredis'

// In your app: a look-up of the keys that you issued.
const apiKeys = new Set(['key-of-ada', 'key-of-bob', 'key-of-cleo', 'key-of-dan'])

// With REDIS_URL all processes count together. Without it, and while Redis is away, each one counts for itself.
const redisUrl = process.env['REDIS_URL']
const redis = redisUrl ? new Redis(redisUrl, { ...redisOptions, lazyConnect: true }) : undefined
redis?.on('error', () => {}) // Spillway tells once when Redis does not answer.
// So that the first request counts there too; when there is no Redis yet it goes on trying.
await redis?.connect().catch((error) => console.error(`Redis does not answer yet: ${error.message}`))

// Every limit counts per API key, and per address for callers without one. Nothing counts health checks.
const limits = createRateLimit({
  store: redis ? redisStore({ client: redis }) : memoryStore(),
  key: firstOf(byApiKey({ verify: (key) => apiKeys.has(key) }), byIp()),
  skip: (c) => c.req.path === '/health',
})

const app = new Hono()

// For the whole app. The windows are short so that you can watch them open again.
app.use(limits({ name: 'standard', limit: 20, window: '5s' }))

app.get('/', (c) => {
  return c.text(`Hello! You have ${c.get('rateLimit')?.remaining} requests left.\n`)
})

// Stricter, for one route: a login counts against both limits.
app.post('/login', limits({ name: 'login', limit: 3, window: '10s' }), (c) => {
  return c.text('Welcome back.\n')
})

app.get('/health', (c) => {
  return c.text('OK\n')
})

serve({ fetch: app.fetch, port: Number(process.env['PORT'] || 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`)
})
