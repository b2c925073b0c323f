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
  readonly socketTimeout?: number | undefined
  /** Of a client that asks Sentinels. */
  readonly role?: unknown
  readonly readOnly?: boolean
  /** Of a Cluster. */
  readonly retryDelayOnFailover?: number
  readonly retryDelayOnClusterDown?: number
  readonly retryDelayOnTryAgain?: number
  readonly scaleReads?: unknown
  readonly redisOptions?: ClientOptions
}

/**
 * Options for `new Redis(url, redisOptions)`: what cannot be sent now fails now, what a lost connection leaves unanswered
 * fails when it is lost, and nothing that may have been carried out is sent again. A connection that owes an answer for a
 * second is left for another one, which comes within a fifth of a second of its server.
 */
export const redisOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 1000,
  /** A plain timer: it also goes off when our own event loop stood still for a second. More would be long to be without Redis. */
  socketTimeout: 1000,
  sentinelCommandTimeout: 1000,
  /** How long a server is left alone that has data to load. */
  maxLoadingRetryTime: 500,
  retryStrategy: (times: number): number => Math.min(50 * times, 200),
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
  clusterRetryStrategy: (times: number): number => Math.min(50 * times, 200),
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
  socketTimeout,
  role = 'master',
  readOnly = false,
}: ClientOptions): string[] {
  return [
    ...(enableOfflineQueue
      ? ['keeps commands while it is disconnected, and charges late (`enableOfflineQueue: false`)']
      : []),
    ...(autoResendUnfulfilledCommands
      ? ['sends again what may have been charged already (`autoResendUnfulfilledCommands: false`)']
      : []),
    ...(maxRetriesPerRequest === 0
      ? []
      : ['keeps waiting for answers that were lost with a connection (`maxRetriesPerRequest: 0`)']),
    ...(socketTimeout === undefined
      ? ['stays for ever with a connection that has fallen silent (`socketTimeout: 1000`)']
      : []),
    ...(role === 'master' ? [] : ["asks a replica, which decides nothing (`role: 'master'`)"]),
    ...(readOnly ? ['may ask a replica, which decides nothing (`readOnly: false`)'] : []),
  ]
}

function ofCluster({
  enableOfflineQueue = true,
  retryDelayOnFailover = 100,
  retryDelayOnClusterDown = 100,
  retryDelayOnTryAgain = 100,
  scaleReads = 'master',
  redisOptions: { autoResendUnfulfilledCommands = true, socketTimeout } = {},
}: ClientOptions): string[] {
  return [
    // Its nodes are never connected to again: what is lost with one fails.
    ...ofRedis({ enableOfflineQueue, autoResendUnfulfilledCommands, maxRetriesPerRequest: 0, socketTimeout }),
    ...(retryDelayOnFailover > 0
      ? ['sends again what a lost node may have charged (`retryDelayOnFailover: 0`)']
      : []),
    ...(retryDelayOnClusterDown > 0
      ? ['asks a Cluster that is down again and again, and charges late (`retryDelayOnClusterDown: 0`)']
      : []),
    ...(retryDelayOnTryAgain > clusterOptions.retryDelayOnTryAgain
      ? ['asks for keys on their way for long, and charges late (`retryDelayOnTryAgain: 10`)']
      : []),
    ...(scaleReads === 'master' ? [] : ["asks replicas, which know less (`scaleReads: 'master'`)"]),
  ]
}
