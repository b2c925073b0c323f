/** What a store calls. `Redis` and `Cluster` of ioredis fit as they are; for another client these are a few lines. */
export interface RedisClient {
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  /** Whether keys lie in slots, of which a script may touch one. */
  readonly isCluster?: boolean
  /** ioredis's own, looked at once. */
  readonly options?: object
}

/** The options of ioredis that this module has an opinion on. */
interface ClientOptions {
  readonly enableOfflineQueue?: boolean
  readonly autoResendUnfulfilledCommands?: boolean
  readonly maxRetriesPerRequest?: number | null
  /** Of a Cluster. */
  readonly retryDelayOnFailover?: number
  readonly scaleReads?: unknown
  readonly redisOptions?: ClientOptions
}

/**
 * Options for `new Redis(url, redisOptions)`: what cannot be sent now fails now, what a lost connection leaves unanswered
 * fails when it is lost, and nothing that may have been carried out is sent again. A connection that owes an answer for a
 * second is left for another one, which comes within half a second of its server.
 */
export const redisOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 1000,
  socketTimeout: 1000,
  sentinelCommandTimeout: 1000,
  /** How long a server is left alone that has data to load. */
  maxLoadingRetryTime: 500,
  retryStrategy: (times: number): number => Math.min(50 * times, 500),
  /** A master that became a replica: ask anew who is master. */
  reconnectOnError: (error: Error): boolean => error.message.includes('READONLY'),
} as const

/** The same for `new Cluster(nodes, clusterOptions)`. */
export const clusterOptions = {
  enableOfflineQueue: false,
  scaleReads: 'master',
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  /** Of a slot on its way to another node the rest may come before the deadline: not to be asked for long after it. */
  retryDelayOnTryAgain: 10,
  maxRedirections: 6,
  clusterRetryStrategy: (times: number): number => Math.min(50 * times, 500),
  redisOptions: {
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1000,
    socketTimeout: 1000,
    maxLoadingRetryTime: 500,
  },
} as const

const warned = new WeakSet<RedisClient>()

/** Tells once per client which of its options hold decisions up or charge twice, and what to write instead. */
export function checkClient(client: RedisClient): void {
  const { options } = client
  if (options === undefined || warned.has(client)) return
  const wrong = client.isCluster ? ofCluster(options) : ofRedis(options)
  if (wrong.length === 0) return
  warned.add(client)
  const advice = client.isCluster ? 'new Cluster(nodes, clusterOptions)' : 'new Redis(url, redisOptions)'
  console.warn(
    `spillway: the Redis client ${wrong.join('; ')}. Write ${advice} with the options that @spillway/redis exports, ` +
      'or set these. [REDIS_CLIENT_OPTIONS]',
  )
}

function ofRedis({
  enableOfflineQueue = true,
  autoResendUnfulfilledCommands = true,
  maxRetriesPerRequest = 20,
}: ClientOptions): string[] {
  return [
    ...(enableOfflineQueue
      ? ['keeps commands while it is disconnected, and charges late (`enableOfflineQueue: false`)']
      : []),
    ...(autoResendUnfulfilledCommands
      ? ['sends again what may have been charged already (`autoResendUnfulfilledCommands: false`)']
      : []),
    ...(maxRetriesPerRequest === null ? ['waits for a server without end (`maxRetriesPerRequest: 0`)'] : []),
  ]
}

function ofCluster({
  enableOfflineQueue = true,
  retryDelayOnFailover = 100,
  scaleReads = 'master',
  redisOptions: { autoResendUnfulfilledCommands = true } = {},
}: ClientOptions): string[] {
  return [
    ...ofRedis({ enableOfflineQueue, autoResendUnfulfilledCommands }),
    ...(retryDelayOnFailover > 0
      ? ['sends again what a lost node may have charged (`retryDelayOnFailover: 0`)']
      : []),
    ...(scaleReads === 'master' ? [] : ["asks replicas, which know less (`scaleReads: 'master'`)"]),
  ]
}
