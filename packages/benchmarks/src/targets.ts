/** The best row among the rivals whose result can be read after an await. */
export const BEST_RIVAL = 'the best rival'

/** What we want to hold. It is measured and printed, met or not; no test asserts it. */
export interface Target {
  readonly bench: string
  readonly table: string
  /** The row that must hold it. */
  readonly subject: string
  /** The row that it is compared with, in the same rounds; without one its own value counts. */
  readonly ratioTo?: string
  readonly moreThan?: string
  readonly atMost?: number
  readonly atLeast?: number
}

const BUCKET = 'spillway tokenBucket'
const WINDOW = 'spillway slidingWindow'
const ALLOWED = 'one hot key, allowed'
const REFUSED = 'one hot key, refused'
const RANDOM = '100,000 random keys, allowed'
const THREE = 'three policies, one hot key, allowed'
const ON_MAP = 'hand-written on a Map'
const ON_LRU = 'hand-written on lru-cache'
const LRU = 'lru-cache get + set'

const memory: readonly Omit<Target, 'bench'>[] = [
  { table: ALLOWED, subject: BUCKET, ratioTo: ON_MAP, atMost: 1.15 },
  { table: REFUSED, subject: BUCKET, ratioTo: ON_MAP, atMost: 1.15 },
  { table: ALLOWED, subject: `${BUCKET}, awaited`, moreThan: BUCKET, atMost: 65 },
  { table: REFUSED, subject: `${BUCKET}, awaited`, moreThan: BUCKET, atMost: 65 },
  { table: ALLOWED, subject: WINDOW, ratioTo: ON_MAP, atMost: 1.5 },
  { table: REFUSED, subject: WINDOW, ratioTo: ON_MAP, atMost: 1.5 },
  { table: RANDOM, subject: BUCKET, ratioTo: ON_LRU, atMost: 1 },
  { table: THREE, subject: BUCKET, ratioTo: `${BUCKET}, one policy`, atMost: 2.2 },
  ...[ALLOWED, REFUSED, RANDOM, THREE].map((table) => {
    return { table, subject: BUCKET, ratioTo: BEST_RIVAL, atMost: 1 }
  }),
]

const footprint: readonly Omit<Target, 'bench'>[] = [
  { table: 'heap per key, 1,000,000 keys', subject: BUCKET, atMost: 150 },
  { table: 'timers left by 1,000 keys', subject: BUCKET, atMost: 0 },
  { table: 'insert of 1,000,000 keys', subject: BUCKET, ratioTo: LRU, atMost: 1 },
  { table: 'longest of 1,000 insertions in a row', subject: BUCKET, ratioTo: LRU, atMost: 1 },
]

const http: readonly Target[] = ['Express', 'Koa', 'Hono'].flatMap((framework) => {
  const ours = { bench: `http-${framework.toLowerCase()}`, subject: WINDOW }
  const [allowed, refused] = [`${framework}, allowed`, `${framework}, refused`]
  return [
    { ...ours, table: allowed, ratioTo: 'headers by hand', atLeast: 0.97 },
    { ...ours, table: allowed, ratioTo: BEST_RIVAL, atLeast: 1 },
    { ...ours, table: refused, ratioTo: BEST_RIVAL, atLeast: 1 },
  ]
})
const INCR = 'INCR'
const FLOOD = 'refused flood, one key'

const redis: readonly Omit<Target, 'bench'>[] = [
  { table: 'one after the other, one key', subject: BUCKET, ratioTo: INCR, atLeast: 0.7 },
  { table: 'one after the other, one key', subject: WINDOW, ratioTo: INCR, atLeast: 0.7 },
  { table: 'one after the other, three policies', subject: BUCKET, ratioTo: INCR, atLeast: 0.6 },
  { table: '512 at once, one key', subject: BUCKET, ratioTo: INCR, atLeast: 1.1 },
  { table: '512 at once, 10,000 random keys', subject: BUCKET, ratioTo: INCR, atLeast: 1.1 },
  { table: FLOOD, subject: BUCKET, ratioTo: 'rate-limit-redis', atLeast: 10 },
  { table: `${FLOOD}: commands sent for 1,000 decisions`, subject: BUCKET, atMost: 1 },
]

export const targets: readonly Target[] = [
  ...memory.map((target) => ({ bench: 'memory', ...target })),
  ...footprint.map((target) => ({ bench: 'footprint', ...target })),
  ...http,
  ...redis.map((target) => ({ bench: 'redis', ...target })),
]
