import { type Edges, type Op, quota } from '@spillway/core'
import { expect, it } from 'vitest'
import { redisStore } from './index.js'
import { describeRedis } from './testing/suite.js'
import { useRedis } from './testing/use-client.js'

describeRedis('of one script call', () => {
  const client = useRedis()

  it('a reset by the calendar of another day leaves what was charged before it', async () => {
    const policies = [{ ...quota({ limit: 5, period: 'day' }), name: 'day' }]
    const apply = redisStore({ client: client() }).prepare({ name: 'one-call', policies })
    const day = (n: number) => n * 86_400_000
    const edges: Edges = [day(9), day(10), day(11), day(12)]
    const op: Op = { policy: 0, key: 'k', cost: 1, limit: 5, fits: true, edges }
    const elsewhere: Edges = [day(1), day(2), day(3), day(4)]

    const [, reset, counted] = await Promise.all([
      apply([op], 'consume', day(10)),
      apply([{ ...op, cost: 0, edges: elsewhere }], 'reset', day(10)),
      apply([op], 'consume', day(10)),
    ])
    expect(reset).toMatchObject({ passed: false, results: [] })
    expect(counted.results[0]?.reply).toEqual([day(10), day(11), 2])
  })
})
