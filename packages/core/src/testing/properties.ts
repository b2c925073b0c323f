import fc from 'fast-check'
import { it } from 'vitest'
import { createLimiter } from '../limiter.js'
import type { PolicyOptions } from '../policy.js'
import { memoryStore } from '../stores/memory.js'
import { beginning, commands } from './arbitraries.js'
import { check, PATIENCE, SEEDED, same } from './check.js'
import { everyKind, type Kind, type Subject } from './kinds.js'
import { simulate } from './simulation.js'

const seldom = fc.nat(3).map((drawn) => drawn === 0)

/** Tests one algorithm against its oracle: any parameters, costs, limits and clocks. */
export function testProperties<P>(kind: Kind<P>): void {
  it(`does what its oracle says, whatever is asked ${SEEDED}`, { timeout: PATIENCE }, async () => {
    const options: fc.Arbitrary<PolicyOptions> = fc.record({ chargeRefused: seldom })
    const cases = fc.record({ params: kind.params, options, beginning, commands: commands(1) })
    await check(cases, ({ params, options, beginning, commands }) =>
      simulate([kind.build(params, options)], beginning, commands),
    )
  })

  it(`admits after one stated wait, however far the clock was set back ${SEEDED}`, {
    timeout: PATIENCE,
  }, async () => {
    const back = fc.oneof(fc.constant(3_600_000), fc.integer({ min: 1, max: 90_000 }), fc.nat(10 ** 12))
    const cases = fc.record({ params: kind.params, back, beginning })
    await check(cases, ({ params, back, beginning }) => setBack(kind.build(params, {}), beginning, back))
  })
}

async function setBack({ policy, soft }: Subject, beginning: number, back: number): Promise<void> {
  if (soft) return
  let now = beginning + 10 ** 12
  const limiter = createLimiter({
    name: 'set-back',
    policies: { policy },
    store: memoryStore({ maxKeys: 10 }),
    clock: () => now,
  })
  const { remaining } = await limiter.peek('full', { cost: 0 })
  const take = async (cost: number) => (await limiter.reserve('full', { cost })).decision
  same((await take(remaining)).allowed, true, 'fills; allowed')
  now -= back
  const refused = await take(1)
  same(refused.allowed, false, 'full; allowed')
  now += refused.retryAfterMs as number
  same((await take(1)).allowed, true, `after ${refused.retryAfterMs} ms; allowed`)
}

/** Tests policies of any algorithms in one limiter: all or nothing, and the right one binds. */
export function testTogether(): void {
  it(`decides all or nothing, by the right policy ${SEEDED}`, { timeout: PATIENCE }, async () => {
    const options: fc.Arbitrary<PolicyOptions> = fc.record({
      chargeRefused: seldom,
      shadow: seldom,
      hidden: seldom,
    })
    const policy = fc
      .constantFrom(...Object.keys(everyKind))
      .chain((kind) =>
        fc.record({ kind: fc.constant(kind), params: (everyKind[kind] as Kind).params, options }),
      )
    const policies = fc.array(policy, { minLength: 2, maxLength: 4 })
    const cases = policies.chain((policies) =>
      fc.record({ policies: fc.constant(policies), beginning, commands: commands(policies.length) }),
    )
    await check(cases, ({ policies, beginning, commands }) => {
      const build = ({ kind, params, options }: (typeof policies)[number]) =>
        (everyKind[kind] as Kind).build(params, options)
      return simulate(policies.map(build), beginning, commands)
    })
  })
}
