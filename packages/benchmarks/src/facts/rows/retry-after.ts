import type { Ask, Make } from '../contender.js'
import { type Fact, ofEach } from '../fact.js'
import type { Stage } from '../stage.js'
import { inTimeOf, type Time } from '../time.js'

const TRIALS = 24
const LIMIT = 3
const SECOND = 1_000

interface Trial {
  /** Admitted after the wait that it was told. */
  readonly after: boolean
  /** One with the same past was admitted a second earlier: not told in real time, where a second is not exact. */
  readonly earlier: boolean
}

export const retryAfter: Fact = {
  row: `a client that waits exactly the stated \`Retry-After\`: admitted of ${TRIALS}`,
  try: ({ makes }, clock) =>
    ofEach(makes, (make, stage) =>
      inTimeOf(make, clock, async (time) => inWords(await trials(make, stage, time))),
    ),
}

async function trials(make: Make, stage: Stage, time: Time): Promise<Trial[]> {
  // Those that wait in real time wait side by side.
  const windowMs = make.clock === 'process' ? 10 * SECOND : SECOND
  const limits = [{ name: 'retry', limit: LIMIT, windowMs }]
  const { ask } = await make.make(limits, stage)
  // As from another process: what Redis keeps is the same there, what this one remembers is not.
  const elsewhere = make.keeps === 'redis' ? (await make.make(limits, stage)).ask : ask
  const numbers = Array.from({ length: TRIALS }, (_, i) => i)
  if (make.clock === 'redis') {
    const done = await Promise.all(numbers.map((i) => trial(ask, elsewhere, i, windowMs, time)))
    return done.map(({ after }) => ({ after, earlier: false }))
  }
  const done: Trial[] = []
  for (const i of numbers) done.push(await trial(ask, elsewhere, i, windowMs, time))
  return done
}

/**
 * Two clients that ask at the same moments, for one to two windows, each time from elsewhere in a window. Refused at last, one
 * waits as it is told. The other waits a second less, and asks elsewhere then.
 */
async function trial(ask: Ask, elsewhere: Ask, number: number, windowMs: number, time: Time): Promise<Trial> {
  const [patient, hasty] = [`10.0.${number}.1`, `10.0.${number}.2`]
  await time.passTo(windowMs)
  await time.pass((number / TRIALS) * windowMs + 123)
  const until = time.now() + windowMs * (1 + (number % 3) / 2)
  for (;;) {
    const [{ allowed, waitMs }] = await Promise.all([ask(patient), ask(hasty)])
    if (!allowed && time.now() >= until) {
      if (waitMs === undefined) throw new Error('A refusal does not say how long to wait.')
      const begun = time.now()
      await time.pass(waitMs - SECOND)
      // A wait of less than a second has no earlier one.
      const earlier = waitMs > SECOND && (await elsewhere(hasty)).allowed
      await time.pass(begun + waitMs + time.grain - time.now())
      return { after: (await ask(patient)).allowed, earlier }
    }
    await time.pass(windowMs / 7)
  }
}

function inWords(trials: readonly Trial[]): string {
  const after = trials.filter((trial) => trial.after).length
  const earlier = trials.filter((trial) => trial.earlier).length
  const notes = [
    ...(after < trials.length ? [`${trials.length - after} told too short a wait`] : []),
    ...(earlier > 0 ? [`${earlier} told more than a second too long`] : []),
  ]
  return [after, ...notes].join(', ')
}
