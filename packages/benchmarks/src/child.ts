import type { Subject } from './subject.js'
import { load } from './subjects.js'

type Awaitable<T> = T | Promise<T>

/**
 * For the process that measures one subject, which nothing but its own subject was loaded into. Asked for the first time it
 * prepares, and from then on it measures one round each time it is asked.
 */
export async function serve<T>(
  prepare: (subject: Subject, args: readonly string[]) => Awaitable<() => Awaitable<T>>,
): Promise<void> {
  const [id = '', ...args] = process.argv.slice(2)
  const subject = await load(id)
  if (subject === undefined) throw new Error(`No subject: ${id}`)

  let round: (() => Awaitable<T>) | undefined
  const answer = async () => {
    if (round !== undefined) return round()
    round = await prepare(subject, args)
    return null
  }
  process.on('disconnect', () => process.exit())
  process.on('message', () => {
    void answer().then((answered) => process.send?.(answered))
  })
}
