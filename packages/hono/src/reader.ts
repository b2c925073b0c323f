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
  clientIp: peer,
  peer,
  trust: () => (getRuntimeKey() === 'workerd' ? 'some' : 'none'),
}

/** Node's request; on other runtimes `env` is the user's own, and may use the name for anything. */
function incoming(env: ServerEnv | undefined): ServerEnv['incoming'] {
  return typeof env?.incoming?.httpVersion === 'string' ? env.incoming : undefined
}

/** A Worker has no peer but the edge, which writes the address of its own peer into a header. */
function peer(c: AnyContext): string | undefined {
  const env = c.env as ServerEnv | undefined
  const server = env?.server ?? env
  const node = incoming(server)
  if (node) return node.socket.remoteAddress
  if (getRuntimeKey() === 'workerd') return c.req.header('cf-connecting-ip')
  return server?.remoteAddr?.hostname ?? requestIp(c, server)
}

const asked = new WeakMap<AnyContext, string>()

/** Bun forgets the address of a client that has left; it is asked for before that. */
function requestIp(c: AnyContext, server: ServerEnv | undefined): string | undefined {
  const address = asked.get(c) ?? server?.requestIP?.(c.req.raw)?.address
  if (address !== undefined) asked.set(c, address)
  return address
}
