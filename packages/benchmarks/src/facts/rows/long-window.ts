import { listening } from '../console.js'
import { type Fact, inMemory, ofEach, sleep } from '../fact.js'

const ASKED = 20
const DAYS = 30

export const longWindow: Fact = {
  row: `a ${DAYS}-day window in memory, limit 2: admitted of ${ASKED} within a second`,
  async try(contender) {
    const makes = inMemory(contender)
    if (Object.keys(makes).length === 0) return 'nothing in memory'
    return ofEach(makes, (make, stage) =>
      listening(async (said) => {
        const { ask } = await make.make([{ name: 'long', limit: 2, windowMs: DAYS * 86_400_000 }], stage)
        let count = 0
        for (let i = 0; i < ASKED; i++) {
          if ((await ask('10.0.0.1')).allowed) count++
          // Longer than a timer is that takes 30 days to be none.
          await sleep(10)
        }
        return said.length > 0 ? `${count}, and an error is logged` : String(count)
      }),
    )
  },
}
