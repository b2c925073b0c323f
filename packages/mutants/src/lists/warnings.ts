import type { Mutants } from '../mutant.js'

export const warnings: Mutants = {
  file: 'packages/core/src/warnings.ts',
  tests: ['packages/core/src/warnings.test.ts'],
  changes: [
    ['the mark itself is below it', 'used / limit >= warnAt', 'used / limit > warnAt'],
    ['a share of 0.55 is more than 55 of 100', 'used / limit >= warnAt', 'used >= warnAt * limit'],
    ['a limit of 0 is near', 'limit > 0 && ', ''],
    ['a refusal is told', "!answer.passed || answer.source === 'fallback'", "answer.source === 'fallback'"],
    ['what nobody counted is told', " || answer.source === 'fallback'", ''],
    ['what a shadow policy would refuse is told', '|| !passed || op.cost', '|| op.cost'],
    [
      'only the first policy is told of',
      'if (warnAt === undefined || !passed || op.cost <= 0) continue',
      'if (warnAt === undefined || !passed || op.cost <= 0) return',
    ],
    ['each charge beyond the mark is a crossing', ' || isNear(warnAt, used - op.cost, limit)', ''],
    ['each charge is a crossing', '!isNear(warnAt, used, limit) || ', ''],
    [
      'it is told again within its window',
      'if (this.wasTold(`${policy}:${op.key}`, { now, end, windowMs })) continue\n',
      '',
    ],
    ['a policy is told of for all', '`${policy}:${op.key}`', 'op.key'],
    ['a key is told of for all', '`${policy}:${op.key}`', 'policy'],
    ['a window with edges lasts from when it was told', 'algorithm.ends?.(reply) ?? ', ''],
    ['a window lasts a ms too long', 'now < until', 'now <= until'],
    ['it is told once for ever', 'now < until && until - now < 2 * windowMs', 'true'],
    ['a clock that was set back begins no window', ' && until - now < 2 * windowMs', ''],
    ['a clock that was set back a little begins one', '2 * windowMs', 'windowMs'],
    ['a clock that was set back by a window begins none', '< 2 * windowMs', '<= 2 * windowMs'],
  ],
}
