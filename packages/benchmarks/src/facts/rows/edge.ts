import type { Ask } from '../contender.js'
import { admitted } from '../contender.js'
import { type Fact, ofEach } from '../fact.js'
import { inTimeOf, type Time } from '../time.js'

const LIMIT = 10
/** So long before the end of the window, and after it. */
const NEAR_MS = 50
const TRIES = 5

export const edge: Fact = {
  row: 'limit 10: one request, nine at the end of its window, ten just after; admitted within 0.1 s',
  try: ({ makes }, clock) =>
    ofEach(makes, (make, stage) =>
      inTimeOf(make, clock, async (time) => {
        const windowMs = make.clock === 'process' ? 60_000 : 2_000
        const { ask } = await make.make([{ name: 'edge', limit: LIMIT, windowMs }], stage)
        for (let i = 0; i < TRIES; i++) {
          const count = await atEdge(ask, `10.0.0.${i}`, windowMs, time)
          if (count !== undefined) return String(count)
        }
        throw new Error('The machine is too slow for an edge in real time.')
      }),
    ),
}

/** Undefined if in real time the nine came too late, or the ten too early. */
async function atEdge(ask: Ask, address: string, windowMs: number, time: Time): Promise<number | undefined> {
  await time.passTo(windowMs)
  const begun = time.now()
  await ask(address)
  const after = time.now()
  await time.pass(begun + windowMs - NEAR_MS - time.now())
  const before = await admitted(ask, address, LIMIT - 1)
  if (time.now() >= begun + windowMs) return undefined
  await time.pass(after + windowMs + NEAR_MS - time.now())
  return before + (await admitted(ask, address, LIMIT))
}
