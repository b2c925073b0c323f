import { type Apply, type Op, SpillwayError, type Store } from '@spillway/core'
import { handleAsking } from './asking.js'
import { batching } from './batch.js'
import { checkClient, type RedisClient } from './client.js'
import { acrossSlots } from './cluster.js'
import { adjustmentKeysOf, keysOf } from './keys.js'
import { run } from './script.js'
import { type Call, outcomeOf, planText, request } from './wire.js'

export interface RedisStoreOptions {
  /** Your `Redis` or `Cluster` of ioredis, or anything with its `evalsha` and `eval`. You open and close it. */
  client: RedisClient
  /** What all keys begin with. @default 'spillway' */
  prefix?: string
}

/**
 * State in Redis 6.2 or newer, or Valkey: one script call for a decision under any number of policies, and one for all
 * decisions of one turn of the event loop, whichever limiters on this store they are of. Redis' clock decides. In a Cluster,
 * policies that count by different keys may lie in different slots: they are asked first and charged then, and the decision
 * says `atomic: false`.
 * @throws SpillwayError `OPTION_INVALID`, `OPTION_MISSING`, `OPTION_UNKNOWN`
 */
export function redisStore(options: RedisStoreOptions): Store {
  check(options)
  const { client, prefix = 'spillway' } = options
  checkClient(client)
  if (client.isCluster) handleAsking(client)

  function send(calls: readonly Call[]): Promise<readonly unknown[]> {
    const { keys, args } = request(calls)
    return run(client, keys, args) as Promise<unknown[]>
  }

  // In a Cluster a script touches the keys of one subject only.
  const ask = batching(send, outcomeOf, ({ ops }) => (client.isCluster ? (ops[0] as Op).key : ''))

  return {
    sync: false,

    prepare(plan): Apply {
      const [keyOf, adjustmentKeyOf] = [keysOf(prefix, plan), adjustmentKeysOf(prefix, plan)]
      const text = planText(plan)
      const apply: Apply = (ops, mode, now) => {
        const { id, key: subject } = ops[0] as Op
        const once = mode === 'adjust' && id !== undefined ? adjustmentKeyOf(id, subject) : undefined
        return ask({
          plan: text,
          ops,
          mode,
          now,
          once,
          keys: ops.map(({ policy, key }) => keyOf(policy, key)),
        })
      }
      return client.isCluster ? acrossSlots(plan, apply) : apply
    },
  }
}

const CALL = 'redisStore({ client: new Redis(url, redisOptions) })'

const HINTS: Readonly<Record<string, string>> = {
  url: `Write ${CALL}.`,
  redis: 'Write `client`.',
  storeClient: 'Write `client`.',
  sendCommand: 'Write `client`: an ioredis client, or an object with `evalsha` and `eval`.',
  keyPrefix: 'Write `prefix`.',
}

function check(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new SpillwayError('OPTION_INVALID', `redisStore takes an object of options: write ${CALL}.`)
  }
  if ('evalsha' in options) {
    throw new SpillwayError(
      'OPTION_INVALID',
      'redisStore takes options, not a client: write redisStore({ client }).',
    )
  }
  for (const option of Object.keys(options)) {
    if (option === 'client' || option === 'prefix') continue
    const advice = Object.hasOwn(HINTS, option) ? HINTS[option] : 'It knows `client` and `prefix`.'
    throw new SpillwayError('OPTION_UNKNOWN', `redisStore has no option \`${option}\`. ${advice}`)
  }
  const { client, prefix } = options as Partial<RedisStoreOptions>
  if (client === undefined) {
    throw new SpillwayError('OPTION_MISSING', `redisStore needs a \`client\`: write ${CALL}.`)
  }
  if (typeof client?.evalsha !== 'function' || typeof client.eval !== 'function') {
    throw new SpillwayError(
      'OPTION_INVALID',
      '`client` has no `evalsha` and `eval`: pass a Redis or Cluster of ioredis, or wrap your client in an object with these two.',
    )
  }
  if (prefix !== undefined && (typeof prefix !== 'string' || prefix === '')) {
    throw new SpillwayError('OPTION_INVALID', '`prefix` must be a string that is not empty.')
  }
}
