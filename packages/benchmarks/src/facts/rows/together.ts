import { type Ask, admitted, type Limit } from '../contender.js'
import { type Fact, ofEach, pick } from '../fact.js'
import { inTimeOf, type Time } from '../time.js'

const HOUR = 3_600_000
const tight: Limit = { name: 'tight', limit: 2, windowMs: 10_000 }
const wide: Limit = { name: 'wide', limit: 6, windowMs: HOUR }
const REFUSALS = 3

export const several: Fact = {
  row: `several limits: what ${REFUSALS} refusals by one cost in one that is asked before it, and in one behind it`,
  async try({ makes, several }, clock) {
    const found = await ofEach(
      pick(makes, ({ clock }) => clock === 'process'),
      (make, stage) =>
        inTimeOf(make, clock, async (time) => {
          const later = await lost((await make.make([tight, wide], stage)).ask, '10.0.0.1', time)
          const earlier = await lost((await make.make([wide, tight], stage)).ask, '10.0.0.2', time)
          return `${earlier}, ${later}`
        }),
    )
    return `${several}: ${found}`
  },
}

/** What is missing in the wide limit after its neighbour has refused so many times. */
async function lost(ask: Ask, client: string, time: Time): Promise<number> {
  await time.passTo(HOUR)
  let count = await admitted(ask, client, tight.limit + REFUSALS)
  for (let i = 0; i < wide.limit / tight.limit; i++) {
    // Whatever the tight one counts by, it is as good as new.
    await time.pass(3 * tight.windowMs)
    count += await admitted(ask, client, tight.limit)
  }
  return wide.limit - count
}
