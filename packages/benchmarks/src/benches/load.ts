import type { Asked } from '../subject.js'

/** Asks by so many workers at once, each of which asks again when its answer has come. By the clock: Redis has a processor too. */
export function loader({ ask, allowed }: Asked, sequence: readonly string[], concurrency: number) {
  /** The newest results. They are kept, so that none is optimised away. */
  const kept: unknown[] = new Array(8).fill(0)
  let at = 0

  return async (times: number) => {
    const end = at + times
    let admitted = 0
    async function worker() {
      while (at < end) {
        const i = at++
        let result: unknown
        try {
          result = await ask(sequence[i % sequence.length] as string)
        } catch (refusal) {
          // Whatever else is thrown says nothing of a limit.
          if (refusal instanceof Error) throw refusal
          result = refusal
        }
        kept[i & 7] = result
        if (allowed(result)) admitted++
      }
    }
    const started = performance.now()
    await Promise.all(Array.from({ length: concurrency }, worker))
    return { ms: performance.now() - started, asked: times, admitted }
  }
}
