import { byHeader, byIp, createRateLimit, firstOf, method, slidingWindow, tokenBucket } from '@spillway/koa'
import Koa, { type DefaultState } from 'koa'

interface AppState extends DefaultState {
  team?: string
}

const limit = createRateLimit<AppState>()({
  policies: {
    pace: tokenBucket({ limit: 2, window: '1h' }),
    writes: { policy: slidingWindow({ limit: 1, window: '1h' }), when: method('POST') },
  },
  key: firstOf(byHeader('x-user'), (ctx) => ctx.state.team, byIp()),
})

const app = new Koa<AppState>()
app.use(limit)
app.use((ctx) => {
  const left: number | undefined = ctx.state.rateLimit?.remaining
  const settled: Promise<boolean> | undefined = ctx.state.rateLimit?.settle({ pace: 1 })
  ctx.body = { left, settles: settled !== undefined, writes: limit.decision(ctx)?.policies.writes?.remaining }
})

export const listener = app.callback()
