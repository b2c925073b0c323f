// What is used here of packages without types, or of their files that have none.

declare module 'koa-ratelimit/limiter/memory.js' {
  export default class MemoryLimiter {
    constructor(options: { db: Map<string, unknown>; id: string; max: number; duration: number })
    get(): Promise<{ remaining: number; total: number; reset: number }>
  }
}

declare module 'koa2-ratelimit' {
  class Memory {
    incr(key: string, options: { interval: number }, weight: number): Promise<{ counter: number }>
  }
  const koa2: { Stores: { Memory: typeof Memory } }
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
