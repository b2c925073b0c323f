import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What is wrong between a client and its server. */
export type Trouble =
  /** Every answer comes so much later. */
  | { readonly delayMs: number }
  /** What the client sends goes nowhere, on connections old and new. */
  | 'blackhole'
  /** What the server answers goes nowhere. */
  | 'mute'
  /** The connection is reset when half of an answer has passed. */
  | 'reset'

/** A proxy to a server on loopback. A connection that was once in a blackhole, or muted, stays there. */
export interface TestProxy {
  readonly port: number
  trouble: Trouble | undefined
  /** What clients sent, and when. */
  readonly sent: { readonly at: number; readonly text: string }[]
  close(): void
}

export async function startProxy(to: number): Promise<TestProxy> {
  const sockets = new Set<Socket>()
  const sent: TestProxy['sent'] = []
  const server: Server = createServer(pass)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: TestProxy = {
    port: (server.address() as { port: number }).port,
    trouble: undefined,
    sent,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }

  function pass(client: Socket): void {
    const upstream = connect(to, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    let [lost, muted, heldUntil] = [false, false, 0]
    client.on('data', (data) => {
      sent.push({ at: performance.now(), text: data.toString('latin1') })
      lost ||= proxy.trouble === 'blackhole'
      if (!lost) upstream.write(data)
    })
    upstream.on('data', (data) => {
      const { trouble } = proxy
      lost ||= trouble === 'blackhole'
      muted ||= trouble === 'mute'
      if (lost || muted) return
      if (trouble === 'reset') {
        client.write(data.subarray(0, Math.ceil(data.length / 2)), () => client.resetAndDestroy())
        return
      }
      const now = performance.now()
      if (typeof trouble === 'object') heldUntil = now + trouble.delayMs
      if (heldUntil > now) setTimeout(() => client.writable && client.write(data), heldUntil - now)
      else client.write(data)
    })
  }

  return proxy
}
