// What is used here of packages without types, or of their files that have none.

declare module 'koa-ratelimit' {
  import type { Middleware } from 'koa'
  export default function ratelimit(options: {
    driver: 'memory'
    db: Map<string, unknown>
    max: number
    duration: number
  }): Middleware
}

declare module 'koa-ratelimit/limiter/memory.js' {
  export default class MemoryLimiter {
    constructor(options: { db: Map<string, unknown>; id: string; max: number; duration: number })
    get(): Promise<{ remaining: number; total: number; reset: number }>
  }
}

declare module 'koa-ratelimit/limiter/redis.js' {
  import type { Redis } from 'ioredis'
  export default class RedisLimiter {
    constructor(options: { db: Redis; id: string; max: number; duration: number })
    get(): Promise<{ remaining: number; total: number; reset: number }>
  }
}

declare module 'koa2-ratelimit' {
  import type { Middleware } from 'koa'

  class Store {
    incr(key: string, options: { interval: number }, weight: number): Promise<{ counter: number }>
  }
  class Redis extends Store {
    constructor(config: object)
  }
  const koa2: {
    Stores: { Memory: typeof Store; Redis: typeof Redis }
    RateLimit: { middleware(options: { max: number; interval: number }): Middleware }
  }
  export default koa2
}

declare module '@fastify/rate-limit/store/LocalStore.js' {
  export interface Entry {
    current: number
    ttl: number
  }
  export default class LocalStore {
    constructor(continueExceeding: boolean, exponentialBackoff: boolean, cache: number)
    incr(ip: string, callback: (error: null, entry: Entry) => void, timeWindow: number, max: number): void
  }
}

declare module '@fastify/rate-limit/store/RedisStore.js' {
  import type { Entry } from '@fastify/rate-limit/store/LocalStore.js'
  import type { Redis } from 'ioredis'

  export type { Entry }
  export default class RedisStore {
    constructor(continueExceeding: boolean, exponentialBackoff: boolean, redis: Redis, key: string)
    incr(
      ip: string,
      callback: (error: Error | null, entry: Entry) => void,
      timeWindow: number,
      max: number,
    ): void
  }
}
