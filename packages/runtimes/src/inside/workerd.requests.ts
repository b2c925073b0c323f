import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { scriptedStore, silence } from '../../../core/src/testing/scripted-store.js'
import { rateLimit } from '../../../hono/src/index.js'
import { site } from './site.js'

/** What a request begins, a timer too, ends with its answer: nothing that another one waits for may be the first one's. */
it('decides by its deadline when the request that asked the store first has gone', async () => {
  const store = scriptedStore()
  store.does = async (truth) => {
    if (store.calls.length > 1) return silence()
    while (store.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    return truth()
  }
  const app = new Hono()
  app.use(
    rateLimit({
      limit: 1,
      window: '1m',
      store,
      name: 'requests',
      key: (c) => c.req.path,
    }),
  )
  app.get('*', (c) => c.text(`${c.req.path} is served`))
  site.fetch = async (request, env) => app.fetch(request, env as object)

  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${site.port}${path}`)).text()
  expect(await Promise.all([ask('/first'), ask('/second')])).toEqual([
    '/first is served',
    '/second is served',
  ])
})
