import type { Asked } from '../subject.js'
import { answerTo, isAsync } from './asking.js'

/** Several limiters as one stacks middlewares: each is asked when those before it have let the request in. */
export function stack(layers: readonly Asked[]): Asked {
  const last = layers.length - 1

  function ask(key: string): unknown[] {
    const results: unknown[] = []
    for (const layer of layers) {
      const result = layer.ask(key)
      results.push(result)
      if (!layer.allowed(result)) break
    }
    return results
  }

  async function askAwaiting(key: string): Promise<unknown[]> {
    const results: unknown[] = []
    for (const layer of layers) {
      const result = await answerTo(layer, key)
      results.push(result)
      if (!layer.allowed(result)) break
    }
    return results
  }

  const allowed = (results: unknown) => {
    const final = (results as unknown[])[last]
    return final !== undefined && (layers[last] as Asked).allowed(final)
  }
  return { ask: layers.some(isAsync) ? askAwaiting : ask, allowed }
}
