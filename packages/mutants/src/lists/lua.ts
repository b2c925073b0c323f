import type { Change, Mutants } from '../mutant.js'

const REDIS = 'packages/redis/src'

/** A piece of the script that Redis runs. */
function lua(file: string, changes: readonly Change[]): Mutants {
  const judges = ['differential', 'expiry', 'round-trips', 'contract']
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
      'return string.format(string.sub(FORMAT, 1, 5 * #numbers - 1), unpack(numbers))',
      "local texts = {} for i, number in ipairs(numbers) do texts[i] = tostring(number) end return table.concat(texts, ' ')",
    ],
    ['a clock set back is believed too late', 'MAX_SET_BACK_MS = 60000', 'MAX_SET_BACK_MS = 600000'],
  ]),
  lua(`${ALGORITHMS}/meter/meter.lua`, [
    ['a clock set back fills the bucket', 'math.max(0, now - time)', 'now - time'],
    [
      'the last part of a ms drains nothing',
      'elapsed >= math.ceil(level / stored)',
      'elapsed > math.ceil(level / stored)',
    ],
    [
      'it drains by the rate of the caller',
      'write(state, now, rate(op.limit), function(level)\n        return math.min',
      'state[RATE] = rate(op.limit) write(state, now, rate(op.limit), function(level)\n        return math.min',
    ],
    ['a charge may be booked before the newest', 'math.max(state[TIME], now)', 'now'],
    ['what is exactly free is refused', 'level_at(state, now) <= room', 'level_at(state, now) < room'],
    ['a refund goes below zero', 'level - math.min(-op.cost * period, level)', 'level + op.cost * period'],
    ['shaped work is refunded', 'if shapes or ', 'if '],
    [
      'no clock is set back',
      'if state[LEVEL] == 0 or state[TIME] <= now + MAX_SET_BACK_MS then',
      'if true then',
    ],
  ]),
  lua(`${ALGORITHMS}/sliding-window/log.lua`, [
    ['a charge counts a ms too long', 'state.last_time + window <= now', 'state.last_time + window < now'],
    ['an older charge counts a ms too long', 'time + window <= now do', 'time + window < now do'],
    [
      'what is exactly free is refused',
      'live(state, now) + op.cost <= op.limit',
      'live(state, now) + op.cost < op.limit',
    ],
    ['a segment is joined one entry too late', '1 + state.entries >= entries', 'state.entries >= entries'],
    ['entries are miscounted', 'state.entries = state.entries + 1', 'state.entries = state.entries + 2'],
    ['what has expired stays', 'state.entries - count', 'state.entries'],
    ['a refund goes below zero', 'local refunded = math.min(-op.cost, units)', 'local refunded = -op.cost'],
    ['a charge may be booked before the newest', 'math.max(now, state.last_time), units)', 'now, units)'],
  ]),
  lua(`${ALGORITHMS}/sliding-counter/counter.lua`, [
    ['a clock set back counts the window before more than once', 'math.max(0, now - start)', 'now - start'],
    ['what is exactly free is refused', '<= room * window', '< room * window'],
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
  lua('packages/core/src/transition.lua', [
    ['a refusal charges', 'local charged = passed and admitted[i]', 'local charged = true'],
    [
      'one policy is charged without the others',
      'local charged = passed and admitted[i]',
      'local charged = admitted[i]',
    ],
    [
      'the last policy is not checked',
      'if not admitted[i] and not policy.shadow then',
      'if not admitted[i] and not policy.shadow and (i == 1 or i < #ops) then',
    ],
    ['a shadow policy refuses', ' and not policy.shadow then', ' then'],
    ['a clock set back is not kept', 'if rebased then writes[i] = state end', ''],
    ['a peek changes the state', 'ops, copies(loaded), now', 'ops, loaded, now'],
    ['a refused cost is charged to nobody', ' or policy.chargeRefused', ''],
  ]),
  lua(`${REDIS}/store.lua`, [
    ['a key expires after as many seconds', "'PX'", "'EX'"],
    ['a key expires when it has drained', ' + MAX_SET_BACK_MS', ''],
    ['a key expires under a given clock too', 'expires = not call.now', 'expires = true'],
    [
      'later decisions of a call see nothing of earlier ones',
      'states[op.key] = state\n    changes',
      'changes',
    ],
    ['nothing is written', 'changes[op.key] = {', 'local _ = {'],
  ]),
]

export const script: Mutants = {
  file: `${REDIS}/script.ts`,
  tests: [`${REDIS}/script.test.ts`],
  changes: [
    [
      'what may have been carried out is sent again',
      "if (!(error instanceof Error) || !error.message.includes('NOSCRIPT')) throw error",
      '',
    ],
    ['a flushed script fails', "!error.message.includes('NOSCRIPT')", 'true'],
  ],
}
