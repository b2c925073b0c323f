// No server is there: the fallback of this process decides.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createLimiter, type Decision, slidingWindow, tokenBucket } from '@spillway/core'
import { clusterOptions, redisOptions, redisStore } from '@spillway/redis'
import { Cluster, Redis } from 'ioredis'

const client = new Redis('redis://127.0.0.1:1', {
  ...redisOptions,
  lazyConnect: true,
  retryStrategy: () => null,
})
client.on('error', () => {})
const cluster = () => redisStore({ client: new Cluster([{ host: '127.0.0.1', port: 1 }], clusterOptions) })

const limiter = createLimiter({
  name: 'api',
  policies: {
    pace: tokenBucket({ limit: 2, window: '1h' }),
    minute: slidingWindow({ limit: 9, window: '1m' }),
  },
  store: redisStore({ client, prefix: 'program' }),
  fallback: 'local',
  onError: (error) => console.error(error.code),
})

export async function listener(_req: IncomingMessage, res: ServerResponse): Promise<void> {
  const decision: Decision<'pace' | 'minute'> = await limiter.consume('anybody')
  const left: number = decision.policies.pace.remaining
  res.writeHead(decision.allowed ? 200 : 429, { 'X-RateLimit-Remaining': left })
  res.end(`${decision.source}, not ${typeof cluster}`)
}
