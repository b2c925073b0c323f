import type { Asked } from '../subject.js'

/** What it answers to one, a refusal that is a rejection too. */
export async function answerTo({ ask }: Asked, key: string): Promise<unknown> {
  try {
    return await ask(key)
  } catch (refusal) {
    return refusal
  }
}

/** Whether it answers by promises. Tried with a key that nothing else asks for. */
export function isAsync({ ask }: Asked): boolean {
  const answer = ask('anybody')
  if (!(answer instanceof Promise)) return false
  answer.catch(() => {})
  return true
}
