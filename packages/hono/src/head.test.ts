import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { rateLimit } from './index.js'
import { servers } from './testing/node.js'

describe.each(Object.entries(servers))('on %s', (_, createServer) => {
  it.each(['GET', 'HEAD'])('a refused %s has what is set further out, once it is refused', async (method) => {
    const app = new Hono()
    app.use(async (c, next) => {
      await next()
      c.res.headers.set('X-Further-Out', String(c.res.status))
    })
    app.use(rateLimit({ limit: 1, window: '1m', key: () => 'one' }))
    app.get('/', (c) => c.text('served'))
    const server = createServer({ fetch: app.fetch })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }

    const ask = () => fetch(`http://127.0.0.1:${port}/`, { method })
    expect((await ask()).headers.get('X-Further-Out')).toBe('200')
    const refused = await ask()
    expect(refused.headers.get('X-Further-Out')).toBe('429')
    expect(refused.headers.get('Retry-After')).toBe('60')
    server.close()
  })
})
