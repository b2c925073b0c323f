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
      'if (this.wasTold(`${policy}:${op.key}`, now, windowMs)) continue\n',
      '',
    ],
    ['a policy is told of for all', '`${policy}:${op.key}`', 'op.key'],
    ['a key is told of for all', '`${policy}:${op.key}`', 'policy'],
    ['a window lasts a ms too long', '< windowMs) return true', '<= windowMs) return true'],
    [
      'a clock that was set back begins no window',
      'Math.abs(now - last) < windowMs',
      'now - last < windowMs',
    ],
    [
      'a clock that was set back a little begins one',
      'Math.abs(now - last) < windowMs',
      'now >= last && now - last < windowMs',
    ],
    ['it is told once for ever', 'Math.abs(now - last) < windowMs', 'true'],
  ],
}
