import type { Reader } from '@spillway/core/http'
import type { AnyContext } from './types.js'

export const reader: Reader<AnyContext> = {
  identity: (ctx) => ctx.req,
  method: (ctx) => ctx.method,
  header: (ctx, name) => ctx.req.headers[name]?.toString(),
  // Of all layers on this path the last with this method is the route; those of `router.use` have none.
  route: (ctx) =>
    (ctx['matched'] as Layer[] | undefined)
      ?.findLast(({ methods }) => methods.includes(ctx.method))
      ?.path.toString(),
  clientIp: (ctx) => ctx.ip,
  peer: (ctx) => ctx.req.socket.remoteAddress,
  trust({ app }) {
    if (!app.proxy) return 'none'
    return app.maxIpsCount > 0 || app.proxyIpHeader !== 'X-Forwarded-For' ? 'some' : 'all'
  },
}

/** What `@koa/router` keeps of a route or a middleware that matched. */
interface Layer {
  readonly methods: readonly string[]
  readonly path: string | RegExp
}
