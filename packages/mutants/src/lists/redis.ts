import type { Change, Mutants } from '../mutant.js'

const FOLDER = 'packages/redis/src'

function list(name: string, judges: readonly string[], changes: readonly Change[]): Mutants {
  return {
    file: `${FOLDER}/${name}.ts`,
    tests: judges.map((judge) => `${FOLDER}/${judge}.test.ts`),
    changes,
  }
}

export const redis: readonly Mutants[] = [
  list(
    'script',
    ['script'],
    [
      [
        'what may have been carried out is sent again',
        'if (!(error instanceof Error) || !/^(ERR )?NOSCRIPT\\b/.test(error.message)) throw error',
        '',
      ],
      ['a flushed script fails', '!/^(ERR )?NOSCRIPT\\b/.test(error.message)', 'true'],
      ['a key is taken for an answer', '/^(ERR )?', '/(ERR )?'],
      ['an answer of another code is taken for this one', 'NOSCRIPT\\b', 'NOSCRIPT'],
      ['a general code hides it', '(ERR )?', ''],
    ],
  ),
  list(
    'batch',
    ['batch'],
    [
      ['each call travels alone', 'batch.calls.length === MOST_CALLS', 'true'],
      ['one call too many travels', 'length === MOST_CALLS', 'length > MOST_CALLS'],
      ['any number of calls travels', 'batch.calls.length === MOST_CALLS || ', ''],
      ['keys of any length travel', ' || batch.characters >= MOST_CHARACTERS', ''],
      ['long keys travel alone', '>= MOST_CHARACTERS', '>= MOST_CHARACTERS / 4'],
      ['what failed is sent again', 'return send(calls)', 'return send(calls).catch(() => send(calls))'],
      [
        'what is sent takes calls still',
        'if (open.get(group) === batch) open.delete(group)\n      return',
        'return',
      ],
      ['what is sent closes the one after it', 'if (open.get(group) === batch) open', 'open'],
      ['a turn that does not end keeps calls', ' && now - batch.begun < LONGEST_TURN_MS', ''],
      ['a turn ends too soon', '< LONGEST_TURN_MS', '< LONGEST_TURN_MS - 1'],
      ['a turn ends too late', '< LONGEST_TURN_MS', '<= LONGEST_TURN_MS'],
      ['what is sent waits for no other call', 'turn.then(() => {', 'Promise.resolve().then(() => {'],
      ['groups travel together', 'groupOf(call)', "''"],
      ['each gets the answer of the first', 'answers[place]', 'answers[0]'],
      ['the last call decides how long the keys are', 'characters += key', 'characters = key'],
    ],
  ),
  list(
    'client',
    ['misuse'],
    [
      ['what is disconnected keeps commands', 'enableOfflineQueue: false,\n  autoResend', 'autoResend'],
      [
        'a lost connection is kept waiting for',
        'maxRetriesPerRequest: 0,\n  connectTimeout',
        'connectTimeout',
      ],
      [
        'what was sent is sent again',
        'autoResendUnfulfilledCommands: false,\n  maxRetriesPerRequest',
        'maxRetriesPerRequest',
      ],
      [
        'a Cluster that is disconnected keeps commands',
        "enableOfflineQueue: false,\n  scaleReads: 'master',",
        "scaleReads: 'master',",
      ],
      ['replicas are asked', "scaleReads: 'master',\n", "scaleReads: 'slave',\n"],
      ['what a lost node may have done is sent again', 'retryDelayOnFailover: 0,', ''],
      [
        'what was sent to a node is sent again',
        'redisOptions: {\n    autoResendUnfulfilledCommands: false,',
        'redisOptions: {',
      ],
      ['it is told each time', 'warned.add(client)\n', ''],
      ['it is told once for all clients', '|| warned.has(client)', ''],
      ['what is right is told', 'if (wrong.length === 0) return', ''],
      [
        'a Cluster is taken for a server',
        'client.isCluster ? ofCluster(options)',
        'false ? ofCluster(options)',
      ],
      ['a Cluster is told of the other options', "client.isCluster ? 'new Cluster", "false ? 'new Cluster"],
      ['a queue is not told', '...(enableOfflineQueue\n', '...(false\n'],
      ['what is sent again is not told', '...(autoResendUnfulfilledCommands\n', '...(false\n'],
      ['any number of retries is right', '...(maxRetriesPerRequest === 0', '...(maxRetriesPerRequest !== 20'],
      ['a replica by Sentinels is not told', "role === 'master' ? []", 'true ? []'],
      ['a connection that only reads is not told', '...(readOnly ?', '...(false ?'],
      ['what a failover repeats is not told', 'retryDelayOnFailover > 0', 'retryDelayOnFailover > 100'],
      ['reads from replicas are not told', "...(scaleReads === 'master' ?", '...(true ?'],
    ],
  ),
  list(
    'keys',
    ['keys'],
    [
      ['a brace of the subject moves the slot', '[%{}\\p{Surrogate}]', '[%\\p{Surrogate}]'],
      ['what is encoded looks like what is not', '[%{}\\p{Surrogate}]', '[{}\\p{Surrogate}]'],
      ['half surrogate pairs are one', '[%{}\\p{Surrogate}]', '[%{}]'],
      ['the first is encoded only', "'gu'", "'u'"],
      ['the prefix chooses the slot', '${encode(prefix)}:{`\n  const after', '${prefix}:{`\n  const after'],
      ["the prefix chooses an adjustment's slot", '${encode(prefix)}:{`\n  return', '${prefix}:{`\n  return'],
      ['adjustments are one', '}}:${name}:${id}`', '}}:${name}`'],
      ['limiters share their adjustments', '}}:${name}:${id}`', '}}:${id}`'],
      ['an adjustment lies in a slot of its own', '`${before}${encode(subject)}}', '`${before}${id}}'],
      ['the subject is written as it is', 'before + encode(subject)', 'before + subject'],
      ['limiters share their state', '}:${plan.name}:', '}:'],
      ['policies share their state', ':${name}:${algorithm', ':${algorithm'],
    ],
  ),
  list(
    'wire',
    ['wire'],
    [
      ['plans share their places', 'policies += plan.policies', ''],
      ['a plan is sent again for each call', 'if (known !== undefined) return known\n', ''],
      ['policies are counted from 0', 'const first = policies + 1', 'const first = policies'],
      ['every call is about the first plan', 'policy: first + policy', 'policy: 1 + policy'],
      ['every op is about the first policy', 'policy: first + policy', 'policy: first'],
      ['a key is sent again for each op', 'keyPlaces.get(key) ?? ', ''],
      ['keys are counted from 0', 'keyPlaces.size + 1', 'keyPlaces.size'],
      ['the mark is not sent', 'limit, fits, mark, edges, id }\n', 'limit, fits, edges, id }\n'],
      ['whose lease it is, is not sent', ', edges, id }\n', ', edges }\n'],
      [
        'what is made once is made twice',
        'once: once === undefined ? undefined : placeOf(once)',
        'once: undefined',
      ],
      ['the key of an adjustment is not told of', 'once === undefined ? keys : [...keys, once]', 'keys'],
      ['the clock is not sent', 'mode,\n      now,', 'mode,'],
      ['the mode is not sent', 'mode,\n      now,', 'now,'],
      ["any word is taken for a key's own trouble", "answer === 'MALFORMED'", "typeof answer === 'string'"],
      ['text is not read', 'now: Number(now)', 'now: now as number'],
      ['what refuses passes', 'passed: Number(passed) === 1,\n    results', 'passed: true,\n    results'],
      [
        'an op that refuses passes',
        'passed: Number(passed) === 1,\n      reply',
        'passed: true,\n      reply',
      ],
      ['the text of a reply is not read', 'reply.map(Number)', 'reply as number[]'],
    ],
  ),
]
