import type { Change, Mutants } from '../mutant.js'

const REDIS = 'packages/redis/src'

/** A piece of the script that Redis runs. */
function lua(file: string, changes: readonly Change[]): Mutants {
  const judges = [
    'differential',
    'expiry',
    'round-trips',
    'contract',
    'faults/malformed',
    'faults/replica',
    'one-call',
  ]
  return {
    file,
    tests: judges.map((name) => `${REDIS}/${name}.test.ts`),
    changes,
    generates: { file: `${REDIS}/script.gen.ts`, by: 'packages/redis/join-lua.mjs' },
  }
}

const ALGORITHMS = 'packages/core/src/algorithms'

export const scripts: readonly Mutants[] = [
  lua(`${ALGORITHMS}/algorithm.lua`, [
    [
      'integers are rounded to 14 digits',
      'return string.format(THREE, state[1], state[2], state[3])',
      "return tostring(state[1]) .. ' ' .. tostring(state[2]) .. ' ' .. tostring(state[3])",
    ],
    [
      'each policy goes by the functions of the first',
      'if not functions[name] then',
      'if next(functions) then name = next(functions) else',
    ],
    ['a clock set back is believed too late', 'MAX_SET_BACK_MS = 60000', 'MAX_SET_BACK_MS = 600000'],
    ['a number of any length is one of ours', ' or #digits > MAX_DIGITS', ''],
    ['a number of one digit more is one of ours', 'MAX_DIGITS = 16', 'MAX_DIGITS = 17'],
    ['the largest number is none of ours', 'MAX_DIGITS = 16', 'MAX_DIGITS = 15'],
    ['no number is one of ours', 'not digits or ', ''],
  ]),
  lua(`${ALGORITHMS}/meter/meter.lua`, [
    ['a clock set back fills the bucket', 'now <= time and 0 or now - time', 'now - time'],
    [
      'the last part of a ms drains nothing',
      'elapsed >= level / stored',
      'elapsed > math.ceil(level / stored)',
    ],
    [
      'it drains by the rate of the caller',
      'local level = level_at(state, now)\n      write(state, now, self.rate or op.limit',
      'state[RATE] = self.rate or op.limit local level = level_at(state, now)\n      write(state, now, self.rate or op.limit',
    ],
    [
      'a charge may be booked before the newest',
      'if drained == 0 or now > state[TIME] then state[TIME] = now end',
      'state[TIME] = now',
    ],
    ['what is exactly free is refused', 'level_at(state, now) <= room', 'level_at(state, now) < room'],
    [
      'a refund goes below zero',
      'level - math.min(-op.cost * self.period, level)',
      'level + op.cost * self.period',
    ],
    ['shaped work is refunded', 'if self.shapes or ', 'if '],
    [
      'no clock is set back',
      'if state[LEVEL] == 0 or state[TIME] <= now + MAX_SET_BACK_MS then',
      'if true then',
    ],
  ]),
  lua(`${ALGORITHMS}/sliding-window/log.lua`, [
    [
      'a charge counts a ms too long',
      'state.last_time + self.window <= now',
      'state.last_time + self.window < now',
    ],
    ['an older charge counts a ms too long', 'time + window <= now do', 'time + window < now do'],
    [
      'what is exactly free is refused',
      'live(self, state, now) + op.cost <= op.limit',
      'live(self, state, now) + op.cost < op.limit',
    ],
    [
      'a segment is joined one entry too late',
      '1 + state.entries >= self.entries',
      'state.entries >= self.entries',
    ],
    ['entries are miscounted', 'state.entries = state.entries + 1', 'state.entries = state.entries + 2'],
    ['what has expired stays', 'state.entries - count', 'state.entries'],
    ['a refund goes below zero', 'local refunded = math.min(-op.cost, units)', 'local refunded = -op.cost'],
    ['it is given back from a later charge', 'older_time >= mark do', 'older_time > mark do'],
    [
      'it is given back from the newest charge',
      'while older_time and older_time >= mark do',
      'while false do',
    ],
    ['nothing is before the oldest', 'if place == 1 then return nil end', ''],
    ['an entry is looked for by too few digits', 'LONGEST = 36', 'LONGEST = 14'],
    ['an entry begins amid a number', '^.*%f[%d]()', '^.*()'],
    [
      'an entry of no units stays',
      'if next then\n        replace',
      'if next and units > 0 then\n        replace',
    ],
    ['the newest charge of no units stays', 'elseif units == 0 and older_time then', 'elseif false then'],
    ['a space stays behind the last', "if after == '' then before = string.sub(before, 1, -2) end", ''],
    ['what becomes the newest stays beside it', 'replace(state, begins, place, older_time, 0)', ''],
    ['a charge may be booked before the newest', 'math.max(now, state.last_time), units)', 'now, units)'],
  ]),
  lua(`${ALGORITHMS}/sliding-counter/counter.lua`, [
    ['a clock set back counts the window before more than once', 'math.max(0, now - start)', 'now - start'],
    ['what is exactly free is refused', '<= room * self.window', '< room * self.window'],
    ['a refund goes below zero', 'current - math.min(-op.cost, current)', 'current + op.cost'],
    ['a refund comes into any window', 'start ~= op.mark or ', ''],
  ]),
  lua(`${ALGORITHMS}/fixed-window/window.lua`, [
    ['an edge belongs to the period before', 'edges[next] <= now', 'edges[next] < now'],
    ['a window counts at its end', 'now < state[END]', 'now <= state[END]'],
    ['what is exactly free is refused', '+ op.cost <= op.limit', '+ op.cost < op.limit'],
    ['a refund goes below zero', 'state[COUNT] - math.min(-op.cost, state[COUNT])', 'state[COUNT] + op.cost'],
    ['a refund comes into any window', 'or state[START] ~= op.mark', ''],
  ]),
  lua(`${ALGORITHMS}/concurrency/leases.lua`, [
    ['a lease is never pruned', 'state.list = string.sub(state.list, place)\n  end', 'end'],
    ['the sum keeps what has ended', 'state.held = state.held - ended\n    state', 'state'],
    [
      'a lease holds a ms too long',
      'while ending and ending <= time do',
      'while ending and ending < time do',
    ],
    ['the last one taken ends last', 'if other <= ending then break end', 'break'],
    ['it ends before those of the same ms', 'if other <= ending then', 'if other < ending then'],
    [
      'an end, or units, are taken for an id',
      "string.find(state.list, ' ' .. string.format(INTEGER, id) .. ';', 1, true)",
      'string.find(state.list, string.format(INTEGER, id), 1, true)',
    ],
    [
      'an id is a pattern at the end of another',
      "' ' .. string.format(INTEGER, id)",
      'string.format(INTEGER, id)',
    ],
    ['a slot is taken without looking what has ended', 'prune(state, now)\n    insert', 'insert'],
    ['who peeks has an id', 'op.id or 0', 'op.id'],
    ['a lease is looked for by too few digits', 'LONGEST = 53', 'LONGEST = 30'],
    ['what is released is held', 'state.held = state.held - units\n', ''],
    ['a renewal is another lease', 'remove(state, place), op.id)', '({ entry(state, place) })[2], op.id)'],
    [
      'a lease that has ended is renewed',
      'if not place or (entry(state, place)) <= now then',
      'if not place then',
    ],
    [
      'releasing is not idempotent',
      'if not place then return false end\n      remove(state, place)',
      "if not place and state.list == '' then return false end\n      remove(state, place or 1)",
    ],
    [
      'a lease that is gone is released',
      'if not place then return false end\n      remove(state, place)',
      'if place then remove(state, place) end',
    ],
    ['any set-back clock is believed', 'ending + MAX_SET_BACK_MS', 'ending'],
    ['what is carried over ends last', 'place = first_after(state, ending)', 'place = #state.list + 1'],
    ['all leases are carried over', 'local place = first_after(state, latest)', 'local place = 1'],
    [
      'one lease is carried over',
      "string.format(INTEGER, ending) .. ' %1')",
      "string.format(INTEGER, ending) .. ' %1', 1)",
    ],
    [
      'what is exactly free is refused',
      'live(state, now) + op.cost <= op.limit',
      'live(state, now) + op.cost < op.limit',
    ],
    ['a wait ends one lease too late', 'missing > units', 'missing >= units'],
    ['a wait ends beyond the last lease', 'next <= #state.list and ', ''],
    ['what is held by nobody ends', 'held == 0 and 0 or last_end(state)', 'last_end(state)'],
    ['a key expires before its leases', 'math.max(0, last_end(state) - now)', '0'],
    ['a list of nothing is held', "(held == '0') ~= (list == '')", 'false'],
  ]),
  lua(`${ALGORITHMS}/penalty/offences.lua`, [
    ['a penalty lasts a ms too long', 'now < state.ending', 'now <= state.ending'],
    [
      'an offence is remembered a ms too long',
      'now >= state.ending + self.max',
      'now > state.ending + self.max',
    ],
    ['the second penalty is a first one', 'self.first, 1\n', 'self.first, 2\n'],
    ['it has no longest', 'return math.min(length, self.max)', 'return length'],
    ['asking moves its end', 'if runs(state, now) then return false end', ''],
    ['offences are not counted', 'state.offences + 1', 'state.offences'],
    [
      'a long penalty is a clock that was set back',
      'state.ending - length_of(self, count) <=',
      'state.ending <=',
    ],
    [
      'what the inner one carried over is not kept',
      'MAX_SET_BACK_MS then return rebased end',
      'MAX_SET_BACK_MS then return false end',
    ],
    ['a key expires with its penalty', 'state.ending + self.max - now', 'state.ending - now'],
    [
      'a key expires when its offence is forgotten',
      'math.max(self.inner:reset_ms(state, now), left)',
      'left',
    ],
    ['what is cut short is a penalty', 'if not own then malformed() end', ''],
  ]),
  lua('packages/core/src/transition.lua', [
    [
      'what is renewed or released is not kept',
      'op.state, op.written = state, passed',
      'op.state, op.written = state, false',
    ],
    ['a lost lease is held', 'if not passed then outcome[2] = 0 end\n    outcome', 'outcome'],
    ['each is renewed and none released', 'algorithm[mode](algorithm', 'algorithm.renew(algorithm'],
    ['a refusal charges', 'local charged = passed and op.passed', 'local charged = true'],
    [
      'one policy is charged without the others',
      'local charged = passed and op.passed',
      'local charged = op.passed',
    ],
    [
      'the last policy is not checked',
      'if not op.passed and not policy.shadow then',
      'if not op.passed and not policy.shadow and (i == 1 or i < #ops) then',
    ],
    [
      'the whole list is charged before all have passed',
      `    if not op.passed and not policy.shadow then passed = false end
  end

  for i = 1, #ops do
    local op = ops[i]
    local policy, state = policies[op.policy], op.state
`,
      `  end

  for i = 1, #ops do
    local op = ops[i]
    local policy, state = policies[op.policy], op.state
    if not op.passed and not policy.shadow then passed = false end
`,
    ],
    ['a shadow policy refuses', ' and not policy.shadow then', ' then'],
    [
      'a clock set back is not kept',
      'op.written = algorithm:rebase(state, op, now)',
      'algorithm:rebase(state, op, now)',
    ],
    ['a refused cost is charged to nobody', 'algorithm:charge_refused(state, op, now)', ''],
    [
      'a charge for a refusal is not written',
      'charged or policy.chargeRefused or punished',
      'charged or punished',
    ],
    [
      'a penalty is not written',
      'charged or policy.chargeRefused or punished',
      'charged or policy.chargeRefused',
    ],
    ['a refusal by another is punished', 'not op.passed and algorithm.punish and', 'algorithm.punish and'],
  ]),
  lua(`${REDIS}/store.lua`, [
    ['a key expires after as many seconds', "'PX'", "'EX'"],
    ['a key expires when it has drained', ' + MAX_SET_BACK_MS', ''],
    ['a key expires under a given clock too', 'if expires and op.written', 'if op.written'],
    ['later decisions of a call see nothing of earlier ones', 'local state = states[op.key]', 'local state'],
    [
      'nothing is written',
      'states[op.key], writers[op.key] = op.state or false, op',
      'states[op.key] = op.state or false',
    ],
    ['a reset that is too late forgets what is there', "elseif mode ~= 'reset' then", 'else'],
    ['a refused decision forgets what is there', 'states[op.key] = op.found', 'states[op.key] = false'],
    ['an adjustment is made as often as it is sent', 'if once and was_made(once, now) then', 'if false then'],
    ['a second one of the same call is made', 'if made[once] then return made[once].known > now end', ''],
    [
      'what is made is not remembered',
      'made[once] = { known = now + SETTLED_MS, lives = expires and SETTLED_MS }',
      '',
    ],
    ['an adjustment is forgotten a ms early', "'^%d+$')) > now", "'^%d+$')) > now + 1"],
    ['what was not made is known', 'if once and outcome[3] then', 'if once then'],
    ['an adjustment is known for ever', 'expires and SETTLED_MS', 'false'],
    ['an adjustment expires under a given clock too', 'expires and SETTLED_MS', 'SETTLED_MS'],
    ['what is known is adjusted again', 'op.cost = 0', 'op.cost = op.cost'],
    ['what is sent again is known for longer', 'once = nil\n', ''],
    [
      'a strange mark is none',
      "integer(string.match(text, '^%d+$'))",
      "tonumber(string.match(text, '^%d+$'))",
    ],
    ['any number is a mark', "integer(string.match(text, '^%d+$'))", '(tonumber(text) or malformed())'],
    ['a replica decides what it need not write', "get('GETEX', KEYS[1])", "get('GET', KEYS[1])"],
    [
      'what writes asks whether it may',
      'if next(writers) == nil and next(made) == nil then get',
      'if true then get',
    ],
    [
      'half of a decision is kept',
      'if not is_kept then return state end',
      'if not is_kept then states[op.key] = state return state end',
    ],
    ['half of a later decision is kept', 'return state and copy(state)', 'return state'],
    [
      'a value of another type is none',
      'if text == MALFORMED then malformed() end',
      'if text == MALFORMED then return end',
    ],
    ['a call that makes nothing new hides what one before it made', 'once = nil\n', 'made[once] = nil\n'],
  ]),
]
