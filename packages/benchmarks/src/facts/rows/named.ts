import { type Fact, ofEach, pick } from '../fact.js'

const CLIENT = '10.0.0.1'
const REFUSER = 'refuser'
const OTHERS = ['first-limit', 'second-limit']

export const named: Fact = {
  row: 'the refusing limit is named',
  async try({ makes }) {
    return ofEach(
      pick(makes, ({ clock }) => clock === 'process'),
      async (make, stage) => {
        const limit = { limit: 1, windowMs: 3_600_000 }
        const limits = [...OTHERS.map((name) => ({ ...limit, name, limit: 5 })), { ...limit, name: REFUSER }]
        const { ask } = await make.make(limits, stage)
        await ask(CLIENT)
        const { allowed, said } = await ask(CLIENT)
        if (allowed) throw new Error('Nobody refused.')
        const places = Object.keys(said).filter((place) => said[place]?.includes(REFUSER))
        const isAlone = (place: string) => !OTHERS.some((name) => said[place]?.includes(name))
        const alone = places.filter(isAlone)
        const among = places.filter((place) => !isAlone(place))
        const parts = [...alone, ...(among.length > 0 ? [`beside the others in ${among.join(' and ')}`] : [])]
        return parts.join(', ') || 'no'
      },
    )
  },
}
