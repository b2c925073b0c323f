import fc from 'fast-check'
import type { Cluster, Redis } from 'ioredis'
import { describe, it } from 'vitest'
import { beginning, type Command, commands } from '../../core/src/testing/arbitraries.js'
import { SEED } from '../../core/src/testing/check.js'
import { everyKind, type Kind } from '../../core/src/testing/kinds.js'
import { checkLives, lives } from '../../core/src/testing/lives.js'
import { redisStore } from './index.js'
import { type RivalOptions, Rivals } from './testing/rivals.js'
import { describeRedis } from './testing/suite.js'
import { useCluster, useRedis } from './testing/use-client.js'

const RUNS = Number(process.env['SPILLWAY_RUNS'] ?? 40)
const SEEDED = `(${RUNS} runs, seed ${SEED})`
const PATIENCE = 60_000 + RUNS * 1000

const seldom = fc.nat(3).map((drawn) => drawn === 0)
const never = fc.constant(false)

/** Up to four policies of any algorithms, and commands to them, some of which come in one turn. */
function cases({ chargeRefused = seldom, together = 6 } = {}) {
  const policy = fc.constantFrom(...Object.keys(everyKind)).chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      params: (everyKind[kind] as Kind).params,
      options: fc.record({ chargeRefused, shadow: seldom, hidden: seldom }),
    }),
  )
  return fc.array(policy, { minLength: 1, maxLength: 4 }).chain((policies) =>
    fc.record({
      policies: fc.constant(policies),
      beginning,
      commands: commands(policies.length),
      turns: fc.array(fc.integer({ min: 1, max: together }), { minLength: 1 }),
    }),
  )
}

type Case = ReturnType<typeof cases> extends fc.Arbitrary<infer T> ? T : never
type Around = Pick<RivalOptions, 'denyCache' | 'atomic'> & { readonly clock?: 'its own' }

let prefixes = 0

/** Plays a case on a store of this client, and on memory. */
async function play(client: Redis | Cluster, drawn: Case, { clock, ...around }: Around): Promise<void> {
  const prefix = `differential-${prefixes++}`
  const rivals = new Rivals({
    ...around,
    subjects: drawn.policies.map(({ kind, params, options }) =>
      (everyKind[kind] as Kind).build(params, options),
    ),
    store: redisStore({ client, prefix }),
    prefix,
    read: (key) => client.get(key),
    ...(clock === undefined && { beginning: drawn.beginning }),
  })
  for (const turn of turnsOf(drawn)) await rivals.turn(turn)
}

/** Metering ends a turn: what the same reservation is asked next waits for its answer. */
function* turnsOf({ commands, turns }: Case): Generator<readonly Command[]> {
  for (let [from, i] = [0, 0]; from < commands.length; i++) {
    const turn = commands.slice(from, from + (turns[i % turns.length] as number))
    const metering = turn.findIndex(({ ask }) => ask === 'meter')
    if (metering >= 0) turn.length = metering + 1
    yield turn
    from += turn.length
  }
}

async function check<T>(arbitrary: fc.Arbitrary<T>, holds: (drawn: T) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, holds), {
    numRuns: RUNS,
    seed: SEED,
    // Told with what was found by then, before the test's own end would hide it.
    interruptAfterTimeLimit: PATIENCE - 10_000,
    markInterruptAsFailure: true,
  })
}

describeRedis('Redis and memory answer and keep the same integers', () => {
  const client = useRedis()

  it(`whatever is asked, many at once ${SEEDED}`, { timeout: PATIENCE }, () =>
    check(cases(), (drawn) => play(client(), drawn, { denyCache: 0 })),
  )

  it(`by Redis' own clock ${SEEDED}`, { timeout: PATIENCE }, () =>
    check(cases(), (drawn) => play(client(), drawn, { denyCache: 0, clock: 'its own' })),
  )

  describe('with the deny cache', () => {
    const alone = () => cases({ chargeRefused: never, together: 1 })

    it(`whatever is asked, many at once ${SEEDED}`, { timeout: PATIENCE }, () =>
      check(cases({ chargeRefused: never }), (drawn) => play(client(), drawn, { denyCache: '1s' })),
    )

    it(`whatever is asked ${SEEDED}`, { timeout: PATIENCE }, () =>
      check(alone(), (drawn) => play(client(), drawn, { denyCache: '1s' })),
    )

    it(`by Redis' own clock ${SEEDED}`, { timeout: PATIENCE }, () =>
      check(alone(), (drawn) => play(client(), drawn, { denyCache: '1s', clock: 'its own' })),
    )
  })
})

describeRedis('much work at once', () => {
  const client = useRedis()

  it(`leaves what was settled, to the unit, and nothing held ${SEEDED}`, { timeout: PATIENCE }, () =>
    check(lives, (all) => {
      const store = redisStore({ client: client(), prefix: `lives-${prefixes++}` })
      return checkLives(all, { name: 'lives', store })
    }),
  )
})

describeRedis('a Cluster and memory', () => {
  const client = useCluster()

  it(`answer and keep the same integers, one decision after the other ${SEEDED}`, { timeout: PATIENCE }, () =>
    check(cases({ together: 1 }), (drawn) => play(client(), drawn, { denyCache: 0, atomic: false })),
  )

  it(`do so with the deny cache ${SEEDED}`, { timeout: PATIENCE }, () =>
    check(cases({ chargeRefused: never, together: 1 }), (drawn) =>
      play(client(), drawn, { denyCache: '1s', atomic: false }),
    ),
  )
})
