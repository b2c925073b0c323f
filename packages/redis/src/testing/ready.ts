import { type EventEmitter, once } from 'node:events'
import type { Redis } from 'ioredis'

export interface Client {
  readonly status: string
  disconnect(): void
  /** Of a Cluster. */
  nodes?(): readonly Pick<Redis, 'ping'>[]
}

/** Waits until a client can send: with the recommended options it keeps nothing back until then. */
export async function ready<Any extends Client>(client: Any): Promise<Any> {
  const emitter = client as unknown as EventEmitter
  emitter.on('error', () => {})
  if (client.status !== 'ready') await once(emitter, 'ready')
  // A Cluster is ready before the connections to its nodes are, and what comes while one is made it refuses.
  await Promise.all(client.nodes?.().map((node) => node.ping()) ?? [])
  return client
}
