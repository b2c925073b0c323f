import {
  byHeader,
  byIp,
  concurrency,
  firstOf,
  method,
  rateLimit,
  slidingWindow,
  tokenBucket,
} from '@spillway/express'
import express from 'express'

const limit = rateLimit({
  policies: {
    pace: tokenBucket({ limit: 2, window: '1h' }),
    slots: concurrency({ limit: 9, lease: '10s' }),
    writes: { policy: slidingWindow({ limit: 1, window: '1h' }), when: method('POST') },
  },
  key: firstOf(byHeader('x-user'), (req) => req.get('x-team'), byIp()),
})

export const listener = express()

listener.use(limit)
listener.get('/users/:id', limit, async (req, res) => {
  const id: string = req.params.id
  const left: number | undefined = limit.decision(req)?.policies.pace?.remaining
  const work: Promise<boolean> | undefined = req.rateLimit?.settle({ pace: 1 })
  if (work) await req.rateLimit?.hold(work)
  const signal: AbortSignal | undefined = req.rateLimit?.signal
  if (signal?.aborted) return
  res.json({ id, left, writes: limit.decision(req)?.policies.writes?.remaining })
})
