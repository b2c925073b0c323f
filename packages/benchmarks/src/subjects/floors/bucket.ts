import { asked, type Limits, type Rate } from '../../subject.js'

interface Bucket {
  tokens: number
  time: number
}

/** What a Map and an LRUCache have in common. */
interface Buckets {
  get(key: string): Bucket | undefined
  set(key: string, bucket: Bucket): unknown
}

/** A token bucket as one writes it by hand: the clock is read for each decision, and the result is an object of its own. */
export function takeFrom(buckets: Buckets, { limit, windowMs }: Rate) {
  const rate = limit / windowMs

  return function take(key: string) {
    const now = Date.now()
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      bucket = { tokens: limit, time: now }
      buckets.set(key, bucket)
    } else {
      bucket.tokens = Math.min(limit, bucket.tokens + (now - bucket.time) * rate)
      bucket.time = now
    }
    const allowed = bucket.tokens >= 1
    if (allowed) bucket.tokens--
    return {
      allowed,
      limit,
      remaining: Math.floor(bucket.tokens),
      resetMs: Math.ceil((limit - bucket.tokens) / rate),
      retryAfterMs: allowed ? 0 : Math.ceil((1 - bucket.tokens) / rate),
    }
  }
}

export function bucketOn(buckets: Buckets, limits: Limits) {
  return asked(takeFrom(buckets, limits), (result) => result.allowed)
}
