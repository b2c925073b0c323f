import type { Reader } from '@spillway/core/http'
import { getRuntimeKey } from 'hono/adapter'
import { matchedRoutes } from 'hono/route'
import type { AnyContext } from './types.js'

/** What the servers that Hono runs on put into `c.env`. */
interface ServerEnv {
  /** Node: the raw request. */
  readonly incoming?: { readonly httpVersion?: string; readonly socket: { readonly remoteAddress?: string } }
  /** Deno. */
  readonly remoteAddr?: { readonly hostname?: string }
  /** Bun. */
  readonly requestIP?: (request: Request) => { readonly address: string } | null
  readonly server?: ServerEnv
}

export const reader: Reader<AnyContext> = {
  identity: (c) => incoming(c.env) ?? c,
  method: (c) => c.req.method,
  header: (c, name) => c.req.header(name),
  route(c) {
    const current = matchedRoutes(c)[c.req.routeIndex]
    // A wildcard for all methods is what `app.use` registers.
    return current?.method === 'ALL' && current.path.endsWith('*') ? undefined : current?.path
  },
  clientIp: (c) => (getRuntimeKey() === 'workerd' ? c.req.header('cf-connecting-ip') : peer(c)),
  peer,
  trust: () => (getRuntimeKey() === 'workerd' ? 'some' : 'none'),
}

/** Node's request; on other runtimes `env` is the user's own, and may use the name for anything. */
function incoming(env: ServerEnv | undefined): ServerEnv['incoming'] {
  return typeof env?.incoming?.httpVersion === 'string' ? env.incoming : undefined
}

function peer(c: AnyContext): string | undefined {
  const env = c.env as ServerEnv | undefined
  const server = env?.server ?? env
  return (
    incoming(server)?.socket.remoteAddress ??
    server?.remoteAddr?.hostname ??
    server?.requestIP?.(c.req.raw)?.address
  )
}
