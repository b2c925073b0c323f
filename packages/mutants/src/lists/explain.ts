import type { Mutants } from '../mutant.js'

export const explain: Mutants = {
  file: 'packages/core/src/explain.ts',
  tests: ['packages/core/src/explain.test.ts', 'packages/core/src/http/explain.test.ts'],
  changes: [
    [
      'what is lifted has a null key',
      "typeof key === 'string' ? { ...notCounted('limit'), key } : notCounted('key')",
      "notCounted('key')",
    ],
    ['what has a null key is lifted', ": notCounted('key')", ": notCounted('limit')"],
    ['the key of what is lifted is not told', "{ ...notCounted('limit'), key }", "notCounted('limit')"],
    ['a verdict of no store refuses', "if (code === 'LIMITER_UNAVAILABLE')", 'if (false)'],
    [
      'who is not counted has a policy',
      'length > 0 ? asked.policy : null',
      'length > 0 ? asked.policy : asked.policy',
    ],
    ['nobody has a policy', 'length > 0 ? asked.policy : null', 'length < 0 ? asked.policy : null'],
    [
      'who is not counted is told of what counts',
      "if (policy === null) return 'No policy counts it, so nothing refuses.'\n",
      '',
    ],
    [
      'somebody counts without a store',
      "source === 'fallback' ? 'The store does not answer, so nobody counts.' : ",
      '',
    ],
    ['a shadow refuses', "allowed: true, code: 'OK', retryAfterMs: 0 }", 'retryAfterMs: 0 }'],
    ['a shadow makes wait', "code: 'OK', retryAfterMs: 0 }", "code: 'OK' }"],
    [
      'a shadow says that one refuses',
      '{ ...outcome, text: verdict(outcome, {}), policies',
      '{ ...outcome, policies',
    ],
    ['what has no part watches', 'if (!own.counted || own.shadow) return', 'if (own.shadow) return'],
    ['a policy of a shadow is none', '{ ...own, shadow: true }', '{ ...own }'],
    ['a policy of a shadow is told as if it refused', 'text: textOf(state, undefined) }', 'text: own.text }'],
    ['the first policy refuses', 'policies[policy]?.text', 'Object.values(policies)[0]?.text'],
    [
      'it is allowed if it were free',
      '{ ...standing, allowed, retryAfterMs,',
      '{ ...standing, retryAfterMs,',
    ],
    ['its wait is that of what is free', '{ ...standing, allowed, retryAfterMs,', '{ ...standing, allowed,'],
    ['the spacing is not told', '...(spacing && { spacing })', ''],
    [
      'a penalty that runs would begin',
      'standing.penalty === undefined ? own.penalty?.endsInMs : undefined',
      'own.penalty?.endsInMs',
    ],
    ['a limit of 0 has a window', "if (limit === 0) return 'the limit is 0, which admits nothing'\n", ''],
    ['all is held', "slots ? 'held at once'", "true ? 'held at once'"],
    ['the unit is not told', "unit ? ` ${unit}` : ''", "''"],
    ['slots are free for certain', "slots ? ' at the latest' : ''", "''"],
    ['a penalty is not told', 'if (penalty) parts', 'if (false) parts'],
    ['a mark is not told', 'if (adviseMs) parts', 'if (false) parts'],
    ['every mark is reached', 'if (adviseMs) parts', 'if (adviseMs !== undefined) parts'],
    ['what would begin is not told', 'if (begins !== undefined)', 'if (false)'],
    [
      'a wait helps what never fits',
      "else if (!allowed && retryAfterMs === null) parts.push('so much never fits')\n",
      '',
    ],
    ['who only watches makes wait', 'else if (!allowed && state.shadow)', 'else if (false)'],
    ['what is allowed waits', 'else if (!allowed) parts', 'else if (true) parts'],
    ['what is unused is free again', 'else if (resetMs > 0) parts', 'else parts'],
    ['who only watches refuses', "if (state.shadow) parts.push('it only watches')\n", ''],
  ],
}

export const words: Mutants = {
  file: 'packages/core/src/words.ts',
  tests: ['packages/core/src/words.test.ts', 'packages/core/src/http/body.test.ts'],
  changes: [
    ['a part of a unit is told in it', 'ms % size === 0', 'ms >= size'],
    ['it is per 1 minute', ".replace(/^1 /, '')", ''],
    ['it is per ms', 'ms < 1000 ? length(ms) : ', ''],
    ['a wait of one and a half is one unit', 'ms >= 2 * size', 'ms >= size'],
    ['a wait of one unit is told in the next', 'ms === size || ', ''],
    ['a wait is rounded', 'Math.ceil(ms / size)', 'Math.round(ms / size)'],
    ['100 ms are rounded down', 'Math.ceil(ms / 100)', 'Math.floor(ms / 100)'],
    ['a second is told in ms', 'ms < 1000 || ms >= 120_000', 'ms <= 1000 || ms >= 120_000'],
    ['two minutes are told in seconds', 'ms >= 120_000', 'ms > 120_000'],
    ['1 has many', "count === 1 ? '' : 's'", "'s'"],
  ],
}
