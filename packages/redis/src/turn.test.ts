import { afterEach, describe, expect, it, vi } from 'vitest'
import { afterTurn } from './turn.js'

describe.each(['with', 'without'])('after a turn, %s setImmediate', (which) => {
  afterEach(() => vi.unstubAllGlobals())

  it('what was started in it has gone on as far as it could', async () => {
    if (which === 'without') vi.stubGlobal('setImmediate', undefined)
    const seen: string[] = []
    const over = new Promise<void>((resolve) => {
      afterTurn(() => {
        seen.push('over')
        resolve()
      })
    })
    void Promise.resolve()
      .then(() => seen.push('first'))
      .then(() => seen.push('second'))
    seen.push('started')
    await over
    expect(seen).toEqual(['started', 'first', 'second', 'over'])
  })
})
