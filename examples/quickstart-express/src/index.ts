import type { AddressInfo } from 'node:net'
import { byApiKey, byIp, createRateLimit, firstOf, memoryStore } from '@spillway/express'
import { redisOptions, redisStore } from '@spillway/redis'
import express from 'express'
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
  skip: (req) => req.path === '/health',
})

const app = express()

// For the whole app. The windows are short so that you can watch them open again.
app.use(limits({ name: 'standard', limit: 20, window: '5s' }))

app.get('/', (req, res) => {
  res.send(`Hello! You have ${req.rateLimit?.remaining} requests left.\n`)
})

// Stricter, for one route: a login counts against both limits.
app.post('/login', limits({ name: 'login', limit: 3, window: '10s' }), (_req, res) => {
  res.send('Welcome back.\n')
})

app.get('/health', (_req, res) => {
  res.send('OK\n')
})

const server = app.listen(Number(process.env['PORT'] || 3000), '127.0.0.1', (error) => {
  if (error) throw error
  const { port } = server.address() as AddressInfo
  console.log(`listening on http://127.0.0.1:${port}`)
})
