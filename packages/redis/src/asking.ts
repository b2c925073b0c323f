import type { RedisClient } from './client.js'

/** A node of a Cluster, as ioredis has it. */
interface Node {
  asking(): Promise<unknown>
}

interface Nodes {
  nodes?(): readonly Node[]
  on?(event: '+node', listener: (node: Node) => void): unknown
}

const handled = new WeakSet<RedisClient>()

/**
 * ioredis announces an answer to ASK by `asking()`, whose promise it forgets. Where the node is lost before it answers, as
 * may happen while a slot moves, that would be an unhandled rejection: the end of the process.
 * @see https://github.com/redis/ioredis/blob/v5.11.1/lib/cluster/index.ts `redis.asking()` in `sendCommand`
 */
export function handleAsking(client: RedisClient & Nodes): void {
  // Another client than ioredis's has nothing to be heard.
  if (handled.has(client) || typeof client.nodes !== 'function' || typeof client.on !== 'function') return
  handled.add(client)
  client.nodes().forEach(handle)
  client.on('+node', handle)
}

function handle(node: Node): void {
  const { asking } = node
  node.asking = function (this: Node) {
    const answer = asking.call(this)
    // The command behind it fails as well, and is heard.
    answer.catch(() => {})
    return answer
  }
}
