import { byHeader, byIp, firstOf, method, rateLimit, slidingWindow, tokenBucket } from '@spillway/express'
import express from 'express'

const limit = rateLimit({
  policies: {
    pace: tokenBucket({ limit: 2, window: '1h' }),
    writes: { policy: slidingWindow({ limit: 1, window: '1h' }), when: method('POST') },
  },
  key: firstOf(byHeader('x-user'), (req) => req.get('x-team'), byIp()),
})

export const listener = express()

listener.use(limit)
listener.get('/users/:id', limit, (req, res) => {
  const id: string = req.params.id
  const left: number | undefined = req.rateLimit?.remaining
  res.json({ id, left, writes: limit.decision(req)?.policies.writes?.remaining })
})
