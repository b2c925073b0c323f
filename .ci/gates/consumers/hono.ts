import { getRequestListener } from '@hono/node-server'
import { byHeader, byIp, createRateLimit, firstOf, method, slidingWindow, tokenBucket } from '@spillway/hono'
import { Hono } from 'hono'

type AppEnv = { Variables: { team?: string } }

const limit = createRateLimit<AppEnv>()({
  policies: {
    pace: tokenBucket({ limit: 2, window: '1h' }),
    writes: { policy: slidingWindow({ limit: 1, window: '1h' }), when: method('POST') },
  },
  key: firstOf(byHeader('x-user'), (c) => c.get('team'), byIp()),
})

const app = new Hono<AppEnv>()
app.use(limit)
app.get('/users/:id', limit, (c) => {
  const id: string = c.req.param('id')
  const left: number | undefined = c.get('rateLimit')?.remaining
  const settled: Promise<boolean> | undefined = c.get('rateLimit')?.settle({ pace: 1 })
  return c.json({
    id,
    settles: settled !== undefined,
    left,
    writes: limit.decision(c)?.policies.writes?.remaining,
  })
})

export const listener = getRequestListener(app.fetch)
