import type { Mutants } from '../mutant.js'

const REDIS = 'packages/redis/src'

export const cluster: Mutants = {
  file: `${REDIS}/cluster.ts`,
  tests: [`${REDIS}/across-slots.test.ts`, `${REDIS}/slots-across.test.ts`],
  changes: [
    ['an attempt that is over still charges', "how === 'consume' && attempt?.over", 'false'],
    ['an attempt that is over gives nothing back', "how === 'consume' && attempt?.over", 'attempt?.over'],
    ['one slot is peeked first', 'groups.length < 2', 'groups.length < 1'],
    [
      'it charges although one refuses',
      "if (passed && mode === 'consume') return",
      "if (mode === 'consume') return",
    ],
    ['a peek charges', "if (passed && mode === 'consume') return", 'if (passed) return'],
    [
      'leakyBucket is charged with the others',
      'group.shapes === shapes',
      'group.shapes === shapes || !shapes',
    ],
    ['leakyBucket is charged first', 'of [false, true]', 'of [true, false]'],
    [
      'its turn comes although another has refused',
      '.every(({ passed }) => passed)) continue',
      '.every(() => true)) continue',
    ],
    [
      'what was charged stays charged',
      'await Promise.all(charged.map(([group, { results }]) => giveBack(group, results, ask)))',
      '',
    ],
    [
      'what refused is given back too',
      'const charged = [...outcomes].filter(([, { passed }]) => passed)',
      'const charged = [...outcomes]',
    ],
    ['a server that was lost admits', 'if (failed !== undefined) throw failed.reason', ''],
    ['a wait that is a hint seems exact', ', compensated: true', ''],
    ['a refusal is not what is reported', 'if (outcome?.passed === false) return outcome', ''],
    ['what is charged for refusals is given back', ' && !chargeRefused', ''],
    [
      'nothing is charged for a late refusal',
      "outcome === undefined ? chargeRefused(group, standing, 'consume', ask) : standing",
      'standing',
    ],
    [
      'a group that was charged for a late refusal is charged again',
      'outcome === undefined ? chargeRefused',
      'true ? chargeRefused',
    ],
    [
      'nothing is charged for a refusal',
      'if (!chargeRefused && (algorithm.punish === undefined || standing.passed)) return',
      'return',
    ],
    [
      'all is charged for a refusal',
      'if (!chargeRefused && (algorithm.punish === undefined || standing.passed)) return standing\n',
      '',
    ],
    ['no refusal is punished', '(algorithm.punish === undefined || standing.passed)', 'true'],
    [
      'a refusal by another slot is punished',
      'algorithm.punish === undefined || standing.passed',
      'algorithm.punish === undefined',
    ],
    [
      'what passes by now stays charged',
      "if (mode === 'consume') await giveBack({ ...group, ops: [op] }, results, ask)",
      '',
    ],
    ['what passes by now is told', 'if (chargeRefused || !own.passed) return own', 'return own'],
    [
      'a give-back that is lost fails the answer',
      'await Promise.allSettled([\n      charges',
      'await Promise.all([\n      charges',
    ],
    ['a slot stays held', "slots.length > 0 && ask(slots, 'release'),\n", ''],
    ['the slots decide as one', 'atomic: false', 'atomic: true'],
    ['the places of policies get mixed up', 'results[place] =', 'results[j] ='],
    ["the earliest server's clock is told", 'Math.max(...outcomes', 'Math.min(...outcomes'],
    ['the clocks of the others are lost', '{ ...own[j], now }', '{ ...own[j] }'],
    ['what one server admits is admitted', 'passed: outcomes.every(', 'passed: outcomes.some('],
    ['half of a decision is told', 'results: complete ? results : []', 'results'],
    [
      'it answers while something still runs',
      'await Promise.allSettled(promises)',
      '(await Promise.all(promises)).map((value) => ({ status: "fulfilled", value }) as const)',
    ],
  ],
}

export const turn: Mutants = {
  file: `${REDIS}/turn.ts`,
  tests: [`${REDIS}/turn.test.ts`],
  changes: [
    [
      'it needs setImmediate',
      'if (setImmediate === undefined) setTimeout(call, 0)\n  else setImmediate(call)',
      'setImmediate?.(call)',
    ],
    ['it does not wait', 'else setImmediate(call)', 'else call()'],
    ['it does not wait where there is no setImmediate', 'setTimeout(call, 0)', 'call()'],
  ],
}
