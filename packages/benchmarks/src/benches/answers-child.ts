import { serve } from '../child.js'
import type { Memory } from '../subject.js'
import type { Answers } from './answers.js'
import { answerTo } from './asking.js'

const LIMIT = 5

/** Whether its result can be read after an await, as every asynchronous caller does. */
await serve((subject) => async (): Promise<Answers> => {
  const { make } = subject.memory as Memory
  const asked = make({ limit: LIMIT, windowMs: 60_000, maxKeys: 1_000 })
  const read = async (key: string) => asked.allowed(await answerTo(asked, key))
  for (let i = 0; i <= LIMIT; i++) await read('spent')
  const [spent, fresh] = await Promise.all([read('spent'), read('fresh')])
  if (spent || !fresh) return "another's"
  const crowd = await Promise.all(Array.from({ length: 2 * LIMIT }, () => read('crowd')))
  return crowd.filter(Boolean).length === LIMIT ? 'right' : 'of later'
})
