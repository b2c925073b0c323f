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

export const targets: readonly Target[] = [
  ...memory.map((target) => ({ bench: 'memory', ...target })),
  ...footprint.map((target) => ({ bench: 'footprint', ...target })),
]
