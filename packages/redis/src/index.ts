export type { RedisClient } from './client.js'
export { clusterOptions, redisOptions } from './client.js'
export type { RedisStoreOptions } from './redis-store.js'
export { redisStore } from './redis-store.js'
