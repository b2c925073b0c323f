import type { Mutants } from '../mutant.js'

const tests = [
  'packages/core/src/limiter.test.ts',
  'packages/core/src/misuse.test.ts',
  'packages/core/src/pool.test.ts',
  'packages/core/src/decision.test.ts',
  'packages/core/src/reservation.test.ts',
]

export const call: Mutants = {
  file: 'packages/core/src/call.ts',
  tests,
  changes: [
    ['a policy is asked without a key', 'if (key === null) continue\n', ''],
    ['a policy that is left out ends the call', 'if (key === null) continue\n', 'if (key === null) break\n'],
    ['keys are not checked', 'checkKey(key, policy)\n    const', 'const'],
    ['no limit is one', 'if (inForce === Number.POSITIVE_INFINITY) continue\n', ''],
    ['an absent cost is 0', 'given === undefined ? 1 : given', 'given === undefined ? 0 : given'],
    ['costs are not checked', 'if (units !== 1) checkCost(units, policy)\n', ''],
    ['an op is of the first policy', 'policy: i,\n      key: key', 'policy: 0,\n      key: key'],
    ["the caller's limit is not in force", 'limit: inForce,', 'limit: policy.limit as number,'],
    ['a limit of 0 fits', 'inForce > 0 && units', 'units'],
    [
      'the whole capacity does not fit',
      'units <= policy.algorithm.capacity(inForce)',
      'units < policy.algorithm.capacity(inForce)',
    ],
    [
      "what fits is by the policy's own limit",
      'policy.algorithm.capacity(inForce)',
      'policy.algorithm.capacity(policy.limit as number)',
    ],
    ['the limit is the capacity', 'units <= policy.algorithm.capacity(inForce)', 'units <= inForce'],
    [
      'unknown names in costs are taken',
      "if (typeof cost === 'object' && cost !== null) checkRecord(plan, cost, 'cost')\n",
      '',
    ],
    [
      'unknown names in limits are taken',
      "if (typeof limit === 'object' && limit !== null) checkRecord(plan, limit, 'limit')\n",
      '',
    ],
    [
      'unknown names in keys are taken',
      "if (typeof keys !== 'string') checkRecord(plan, keys, 'key', true)\n",
      '',
    ],
    ['a key may be missing', "'key', true)", "'key')"],
    [
      'unknown names in a reset are taken',
      "if (typeof keys !== 'string') checkRecord(plan, keys, 'key')\n",
      '',
    ],
    ['a reset forgets the first policy only', '[{ policy: i, key: checkKey', '[{ policy: 0, key: checkKey'],
    [
      'unknown names in a settlement are taken',
      "if (typeof actual === 'object') checkRecord(plan, actual, 'cost')\n",
      '',
    ],
    [
      'the actual cost is not checked',
      'for (const policy of plan.policies) checkCost(forPolicy(actual, policy.name) ?? 0, policy)\n',
      '',
    ],
    ['a policy that is not named gives back all', '?? op.cost', '?? 0'],
    ['a policy is settled by more where it cost less', 'cost: units - op.cost', 'cost: op.cost - units'],
    ['the actual cost is charged beside the estimate', 'cost: units - op.cost', 'cost: units'],
    [
      'inherited names are read',
      'Object.hasOwn(value, name) ? (value as Record<string, Value>)[name] : undefined',
      '(value as Record<string, Value>)[name]',
    ],
    [
      'a policy without a limit needs none',
      'if (policy.limit !== undefined) return policy.limit\n    throw',
      'return policy.limit as number\n    throw',
    ],
    ['a limit of 0 is a rate of its own', 'if (given === 0 || given', 'if (given'],
    ['a fixed limit may be changed', 'if (policy.fixedLimit !== undefined) throw', 'if (false) throw'],
    [
      "a caller's limit is not checked",
      'checkCount(given, `limit of policy',
      'void (given, `limit of policy',
    ],
    ["a caller's limit is not checked by the algorithm", 'policy.algorithm.check(given)\n', ''],
    ['a part of a unit is a cost', 'Number.isInteger(cost) &&\n', ''],
    ['a cost of less than 0 is taken', '(cost as number) >= 0 &&', '(cost as number) >= -1 &&'],
    ['a cost of -0 is taken', ' &&\n    !Object.is(cost, -0)', ''],
    ['a cost beyond 2^52 is taken', '(cost as number) <= MAX_COUNT &&', 'true &&'],
    ['an empty key is taken', "&& key !== ''", ''],
  ],
}

export const reservation: Mutants = {
  file: 'packages/core/src/reservation.ts',
  tests: ['packages/core/src/reservation.test.ts'],
  changes: [
    ['a refused one is open', 'let open = decision.allowed', 'let open = true'],
    ['it is settled as often as it is asked', 'open = false\n    try', 'try'],
    [
      'a wrong cost closes it',
      'const changes = resolveActual(plan, charged, actual)\n    if (!open) return false\n    open = false',
      'if (!open) return false\n    open = false\n    const changes = resolveActual(plan, charged, actual)',
    ],
    ['a store that failed has heard', 'catch {\n      return false', 'catch {\n      return true'],
    ['the store does not hear', "if (changes.length > 0) await run(changes, 'adjust')\n", ''],
    ['the store is not waited for', 'await run(changes', 'run(changes'],
    ['it is cancelled to a cost of 1', 'settle(0)', 'settle(1)'],
  ],
}

export const limiter: Mutants = {
  file: 'packages/core/src/limiter.ts',
  tests,
  changes: [
    ['edges are not asked for', 'edges: plan.policies[op.policy]?.edges?.(around)', 'edges: undefined'],
    [
      'edges are those around 1970',
      'plan.policies[op.policy]?.edges?.(around)',
      'plan.policies[op.policy]?.edges?.(0)',
    ],
    ['the store is not asked once more', 'first.results.length > 0 ? first :', 'true ? first :'],
    [
      'the store is asked again around the same time',
      'withEdges(ops, first.now)',
      'withEdges(ops, given ?? Date.now())',
    ],
    [
      'the clock is read twice for a decision',
      'by(withEdges(ops, given ?? storeClock())',
      'by(withEdges(ops, time?.() ?? storeClock())',
    ],
    ['a peek charges', "run(ops, 'peek')", "run(ops, 'consume')"],
    ['a peek is told', 'decide(plan, ops, await run(ops', 'conclude(ops, await run(ops'],
    [
      'decisions are not told',
      "if (onDecision !== undefined) void tell(onDecision, 'onDecision', decision)\n",
      '',
    ],
    [
      'what a shadow policy refused is given back',
      'return alone ? [{ ...op, mark }] : []',
      'return [{ ...op, mark }]',
    ],
    ['a charge is not found again', '[{ ...op, mark }]', '[{ ...op, mark: 0 }]'],
    ['the clock may be a part of a ms', 'Number.isInteger(now) && now >= 0', 'now >= 0'],
    ['the clock may be before 1970', 'now >= 0 && now', 'now'],
  ],
}

export const limiterOptions: Mutants = {
  file: 'packages/core/src/limiter-options.ts',
  tests: [
    'packages/core/src/pool.test.ts',
    'packages/core/src/misuse.test.ts',
    'packages/core/src/limiter.test.ts',
  ],
  changes: [
    ['any configuration may take a name', 'taken !== undefined && taken !== configuration', 'false'],
    ['a pool may not be joined', 'taken !== undefined && taken !== configuration', 'taken !== undefined'],
  ],
}
