import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What a child says next; an error where it says nothing. */
export async function said<Message>(child: ChildProcess): Promise<Message> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A process ended (${code}) before it told anything.`)
  })
  ended.catch(() => {})
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [Message]
  return message
}
