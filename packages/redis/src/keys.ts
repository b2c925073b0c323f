import type { Plan } from '@spillway/core'

/**
 * The stored keys of a plan, `prefix:{subject}:name:policy:identity`. The subject alone chooses the Cluster slot, and no
 * subject can look like another key.
 */
export function keysOf(prefix: string, plan: Plan): (policy: number, subject: string) => string {
  const before = `${encode(prefix)}:{`
  const after = plan.policies.map(({ name, algorithm }) => `}:${plan.name}:${name}:${algorithm.identity}`)
  return (policy, subject) => before + encode(subject) + after[policy]
}

/** The keys by which adjustments are known again, `prefix:{subject}:name:id`: a policy's name begins with a letter. */
export function adjustmentKeysOf(prefix: string, { name }: Plan): (id: number, subject: string) => string {
  const before = `${encode(prefix)}:{`
  return (id, subject) => `${before}${encode(subject)}}:${name}:${id}`
}

const STRANGE = /[%{}\p{Surrogate}]/u
const ALL_STRANGE = new RegExp(STRANGE, 'gu')

/** Braces would move the slot. Half a surrogate pair has no bytes of its own: all of them would become U+FFFD. */
function encode(text: string): string {
  // To replace nothing would cost four times as much.
  if (!STRANGE.test(text)) return text
  return text.replace(ALL_STRANGE, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x80 ? `%${code.toString(16).toUpperCase()}` : `%u${code.toString(16).toUpperCase()}`
  })
}
