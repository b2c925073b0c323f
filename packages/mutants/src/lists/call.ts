import type { Mutants } from '../mutant.js'

const tests = [
  'packages/core/src/limiter.test.ts',
  'packages/core/src/misuse.test.ts',
  'packages/core/src/pool.test.ts',
  'packages/core/src/decision.test.ts',
  'packages/core/src/reservation.test.ts',
  'packages/core/src/holding.test.ts',
  'packages/core/src/queue.test.ts',
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
    ['unknown names in a settlement are taken', "  checkRecord(plan, units, 'cost')\n  for", '  for'],
    ['the actual cost is not checked', 'for (const policy of plan.policies) checkCost(units, policy)\n', ''],
    [
      'the actual cost of a policy is not checked',
      'checkCost((units as Record<string, unknown>)[policy.name], policy)\n',
      '',
    ],
    [
      'a slot may be settled by units',
      'if (policy.algorithm.lease !== undefined) {\n      throw',
      'if (false) {\n      throw',
    ],
    ['a list is a record of units', ' || Array.isArray(units)', ''],
    ['a slot is taken by nobody', '(takesSlot(plan, op) ? { ...op, id } : op)', 'op'],
    ['what takes no slot has an id', 'takesSlot(plan, op) ? { ...op, id } : op', '{ ...op, id }'],
    [
      'a slot may be consumed',
      'for (const op of ops) if (takesSlot(plan, op)) throw reserveRequired(plan, op)\n',
      '',
    ],
    ['an empty key is taken where no option is', "&& keys !== '') return own", ') return own'],
    ['options are not read', 'if (options === undefined && typeof', 'if (typeof'],
    ['one key is an op of the first policy', 'ops[i] = { policy: i, key', 'ops[i] = { policy: 0, key'],
    ['one key costs nothing', 'key, cost: 1, limit, fits', 'key, cost: 0, limit, fits'],
    ['one key does not fit', 'limit, fits: true }\n  }', 'limit, fits: false }\n  }'],
    [
      'one key has the limit of the first policy',
      'limitFor(policies[i] as PlannedPolicy, undefined)',
      'limitFor(policies[0] as PlannedPolicy, undefined)',
    ],
    [
      'one key needs no limit',
      'limitFor(policies[i] as PlannedPolicy, undefined)',
      '(policies[i] as PlannedPolicy).limit as number',
    ],
    ['ids are taken from a few', 'Math.random() * MAX_COUNT', 'Math.random() * 3'],
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
    ["a caller's limit is not checked", "checkCount(given, 'limit', 0,", "void (given, 'limit', 0,"],
    ["a caller's limit is not checked by the algorithm", 'policy.algorithm.check(given)\n', ''],
    ['a part of a unit is a cost', 'Number.isInteger(cost) &&\n', ''],
    ['a cost of less than 0 is taken', '(cost as number) >= 0 &&', '(cost as number) >= -1 &&'],
    ['a cost of -0 is taken', ' &&\n    !Object.is(cost, -0)', ''],
    ['a cost beyond 2^52 is taken', '(cost as number) <= MAX_COUNT &&', 'true &&'],
    ['an empty key is taken', "&& key !== ''", ''],
  ],
}

export const limiter: Mutants = {
  file: 'packages/core/src/limiter.ts',
  tests: [...tests, 'packages/core/src/warnings.test.ts', 'packages/core/src/explain.test.ts'],
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
    [
      'what is metered or settled is not warned of',
      'warnings?.see(ops, outcome)\n      return outcome',
      'return outcome',
    ],
    ['what is settled is not warned of', "mode === 'consume' || mode === 'adjust'", "mode === 'consume'"],
    ['what is metered is not warned of', "mode === 'consume' || mode === 'adjust'", "mode === 'adjust'"],
    ['no decision warns', '    warnings?.see(ops, outcome)\n    return report', '    return report'],
    [
      'an answer that is still to come is decided by',
      "after(run(ops, 'consume'), (answer) => conclude(ops, answer))",
      "conclude(ops, run(ops, 'consume') as Answer)",
    ],
    [
      'what is there already is waited for',
      "after(run(ops, 'consume'), (answer)",
      "Promise.resolve(run(ops, 'consume')).then((answer)",
    ],
    ['misuse is thrown at who waits', 'return Promise.reject(error)', 'throw error'],
    ['no store has a calendar', 'hasCalendar ? runByCalendar', 'false ? runByCalendar'],
    ['a peek charges', "await run(ops, 'peek')", "await run(ops, 'consume')"],
    ['what is explained is charged', "Promise.all([run(ops, 'peek'),", "Promise.all([run(ops, 'consume'),"],
    ['what is explained is as if it were charged', 'cost: 0 }))', 'cost: op.cost }))'],
    ['a peek is told', 'decide(plan, ops, await run(ops', 'conclude(ops, await run(ops'],
    [
      'decisions are not told',
      "if (onDecision !== undefined) void tell(onDecision, 'onDecision', decision)\n",
      '',
    ],
    ['the line does not hear that a slot is free', "if (mode === 'release') queue?.released(ops)\n", ''],
    ['who would wait is refused', 'options?.wait !== false', 'false'],
    ['each try is for the same slot', 'own = withId(plan, ops)\n        return', 'return'],
    ['a signal that has aborted is not heard', 'signal?.throwIfAborted()\n', ''],
    ['the signal is not heard', 'queue.pass(ops, ask, signal)', 'queue.pass(ops, ask, undefined)'],
    ['what stood in is not asked again', 'after(run(ops, mode, by)', 'after(run(ops, mode)'],
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
