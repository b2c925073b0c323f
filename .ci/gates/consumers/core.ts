// No framework, and no types of Node: core knows none.
import {
  concurrency,
  createLimiter,
  type Decision,
  memoryStore,
  quota,
  type Reservation,
  slidingWindow,
  tokenBucket,
} from '@spillway/core'
import { createExtractors, createGate, type Reader } from '@spillway/core/http'
import { vectors } from '@spillway/core/vectors'

interface Req {
  method: string
  headers: Record<string, string | string[] | undefined>
  socket: { remoteAddress?: string }
}
interface Res {
  writeHead(status: number, headers: Record<string, string>): this
  end(body: string): unknown
}

const reader: Reader<Req> = {
  identity: (req) => req,
  method: (req) => req.method,
  header: (req, name) => req.headers[name]?.toString(),
  route: () => undefined,
  clientIp: (req) => req.socket.remoteAddress,
  peer: (req) => req.socket.remoteAddress,
  trust: () => 'none',
}

const gate = createGate(reader, {
  policies: { pace: tokenBucket({ limit: 2, window: '1h' }), day: quota({ limit: 9, period: 'day' }) },
  key: createExtractors(reader).byIp(),
})

const limiter = createLimiter({
  name: 'own',
  policies: {
    minute: slidingWindow({ limit: 9, window: '1m' }),
    slots: concurrency({ limit: 1, lease: '1s' }),
  },
  store: memoryStore({ maxKeys: 10 }),
})

export async function listener(req: Req, res: Res): Promise<void> {
  const held: Reservation<'minute' | 'slots'> = limiter.reserveSync('anybody')
  const own: Decision<'minute' | 'slots'> = held.decision
  const entered = await gate.enter(req, () => new AbortController().signal)
  await entered.decision?.hold(held.settle({ minute: 1 }))
  const { status, headers } = entered.refused ? entered : { status: 200, headers: entered.headers() }
  const left: number = own.policies.minute.remaining
  res.writeHead(status, Object.fromEntries(headers)).end(`${left} left, ${vectors.length} examples`)
}
