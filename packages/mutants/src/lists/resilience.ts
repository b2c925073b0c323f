import type { Change, Mutants } from '../mutant.js'

const FOLDER = 'packages/core/src/resilience'
const PENALTY = 'packages/core/src/algorithms/penalty/penalty.test.ts'

function list(name: string, changes: readonly Change[]): Mutants {
  const others = ['guard', 'settling', 'deny-cache', 'renewal', 'fallback', 'shared'].filter(
    (other) => other !== name,
  )
  const tests = [name, ...others].map((beside) => `${FOLDER}/${beside}.test.ts`)
  const held = ['packages/core/src/holding.test.ts', 'packages/core/src/metering.test.ts']
  const more = name === 'guard' ? held : name === 'local' ? [PENALTY] : []
  return { file: `${FOLDER}/${name}.ts`, tests: [...tests, ...more], changes }
}

export const resilience: readonly Mutants[] = [
  list('breaker', [
    ['it opens one failure too late', '< FAILURES', '<= FAILURES'],
    ['it never opens', 'if (++this.failures < FAILURES) return', 'return'],
    [
      'a failure counts for each that it failed',
      'if (cause === this.last.cause && asked < this.last.at) return',
      '',
    ],
    ['one that fails by the same again and again fails once', ' && asked < this.last.at', ''],
    ['all that were under way fail once', 'cause === this.last.cause && ', ''],
    ['every decision is a probe', 'away.probing !== undefined || now < away.probeAt', 'now < away.probeAt'],
    ['there is no pause', ' || now < away.probeAt', ''],
    ['there is no pause after a probe', '      this.away.probeAt = probeAt\n', ''],
    ['a late failure is taken for that of the probe', 'asked === this.away.probing', 'true'],
    ['failures that successes lie between add up', 'this.failures = 0\n    this.away', 'this.away'],
    ['an outage never ends', 'this.away = undefined\n', ''],
    ['the last of a row of failures is told', 'if (this.failures === 0) this.firstCause', 'this.firstCause'],
  ]),
  list('deadline', [
    ['it waits for ever', 'else onceRead(', 'else void ('],
    ['our own stall counts', 'this.stalled = Math.max(this.stalled, now - this.due)', ''],
    ['a stall that an answer hides counts', '    this.look()\n    return', '    return'],
    ['what asking takes counts', 'this.look()\n      let', 'this.due = performance.now()\n      let'],
    ['a timer outlives the answer', 'clearTimeout(timer)\n          resolve', 'resolve'],
    ['a timer outlives a failure', 'clearTimeout(timer)\n          reject', 'reject'],
    ['it is never late', 'this.due += delay', 'this.due = Number.POSITIVE_INFINITY'],
    [
      'each wait has all the time',
      'this.started + this.ms + this.stalled',
      'this.started + 2 * this.ms + this.stalled',
    ],
  ]),
  list('deny-cache', [
    [
      'the wait of another cost is told',
      'if (algorithm.tellsOneWait && !isOwn && !admitted && waitMs !== null) return undefined',
      '',
    ],
    ['another limit is taken for the same', ' && entry.limit === op.limit', ''],
    ['another cost is taken for the same', 'entry.cost === op.cost && ', ''],
    ['it refuses what no wait helps by its own reply only', ' && waitMs !== null', ''],
    ['it refuses its own cost only', 'algorithm.tellsOneWait && ', ''],
    ['it is as old as the last of its parts', 'Math.min(oldest, entry.asked)', 'entry.asked'],
    [
      'it took as long as the last of its parts',
      'Math.max(tookMs, entry.answered - entry.asked)',
      'entry.answered - entry.asked',
    ],
    ['several servers are atomic', 'byServer(ops, results), atomic: false }', 'byServer(ops, results) }'],
    ['one server is not atomic', 'this.apart = outcome.atomic === false', 'this.apart = true'],
    ['one key is not atomic', 'haveSeveralKeys(ops) ? this.apart : false', 'this.apart ?? false'],
    [
      'where keys lie is told before it is known',
      'haveSeveralKeys(ops) ? this.apart : false',
      'haveSeveralKeys(ops) && this.apart === true',
    ],
    ['a decision by one key tells where several lie', 'if (haveSeveralKeys(ops)) this.apart', 'this.apart'],
    [
      'all servers go by one clock',
      'clocks.get((ops[i] as Op).key) as number',
      'Math.max(...clocks.values())',
    ],
    ['one server goes by several clocks', 'results: byServer(ops, results), atomic', 'atomic'],
    ['it answers by what no longer holds', 'latest >= algorithm.holds(entry.reply)', 'false'],
    ['a clock set back is judged here', ' || at < entry.asked', ''],
    ['a shadow policy refuses', 'if (!admitted && !shadow)', 'if (!admitted)'],
    ['what admits is answered from here', 'if (passed) return undefined\n', ''],
    [
      'what was reset meanwhile is remembered',
      "if (typeof known === 'number' && known >= asked) continue",
      '',
    ],
  ]),
  list('fallback', [
    [
      'a refused caller comes back at once',
      'Math.max(LEAST_WAIT_MS, Math.ceil(probeMs()))',
      'Math.ceil(probeMs())',
    ],
    [
      'a limit of 0 is nothing where nobody counts',
      "if (fallback === 'allow' || !outcome.passed) return answer",
      "if (fallback === 'allow') return { ...answer, passed: true }",
    ],
    ['each limiter counts for itself', 'pool.local ??=', 'pool.local ='],
  ]),
  list('local', [
    ['it stays cold', 'if (done.length > 0) this.apply(done, mode, outcome.now)', ''],
    ['it is charged for refusals', 'const done = isDone ? ops', 'const done = true ? ops'],
    ['it is charged for admissions only', 'ops.filter((op, i) => this.isMarked(op, i, outcome))', '[]'],
    ['a penalty is not followed', 'return !this.apply([op]', 'return false && !this.apply([op]'],
    [
      'a refusal that would pass here is charged',
      "return !this.apply([op], 'peek', now).results[0]?.passed",
      'return true',
    ],
    [
      'a refusal by another is charged',
      ' || results[place]?.passed) return chargeRefused',
      ') return chargeRefused',
    ],
  ]),
  list('store-clock', [
    ['it is never heard', 'this.ahead = Math.min', 'Math.min'],
    [
      'what was read late is believed',
      'Math.min(Math.max(this.ahead, now - answered), now - asked)',
      'now - answered',
    ],
    [
      'what was sent late is believed',
      'Math.min(Math.max(this.ahead, now - answered), now - asked)',
      'now - asked',
    ],
    [
      'it only goes ahead',
      'Math.min(Math.max(this.ahead, now - answered), now - asked)',
      'Math.max(this.ahead, now - answered)',
    ],
    [
      'it only falls back',
      'Math.min(Math.max(this.ahead, now - answered), now - asked)',
      'Math.min(this.ahead, now - asked)',
    ],
  ]),
  list('shared', [
    ['each limiter has a breaker of its own', 'stores.set(store, shared)', ''],
    ['each limiter remembers refusals by itself', 'pools.set(plan.name, pool)', ''],
    ['limiters of all names are one pool', 'pools.get(plan.name)', 'pools.values().next().value'],
    ['a refusal under chargeRefused is repeated', 'refusalsCharge ? undefined : ', ''],
  ]),
  list('guard', [
    [
      'what did not answer in time is sent again',
      'apply(ops, mode, given, attempt))',
      'apply(ops, mode, given, attempt)).catch(() => new Deadline(deadlineMs).wait(async () => apply(ops, mode, given, attempt)))',
    ],
    [
      'it is sent again when nobody waits any more',
      '      attempt.over = true\n',
      '      attempt.over = true\n      void (async () => apply(ops, mode, given))().catch(() => {})\n',
    ],
    [
      'settlements alone are sent again at once',
      "const changes = mode === 'reset' || mode === 'adjust'",
      "const changes = mode === 'reset' || mode === 'adjust'\n    if (mode === 'adjust') void (async () => apply(ops, mode, given))().catch(() => {})",
    ],
    [
      'it refuses for ever',
      'if (denial !== undefined && denial.ageMs < denyCacheMs) return denial\n    const',
      'if (denial !== undefined) return denial\n    const',
    ],
    [
      'it refuses a ms too long',
      'denial.ageMs < denyCacheMs) return denial\n    const',
      'denial.ageMs <= denyCacheMs) return denial\n    const',
    ],
    ['what is too old is asked for by all', 'isToWait ? renew(ops, given, deadline) : ', ''],
    ['all wait for the probe', 'breaker.outage === undefined && ', ''],
    ['who waits may have no time to ask', ' && 2 * denial.tookMs <= deadlineMs', ''],
    ['a renewal is waited for when it is over', 'decision.finally(() => renewals.delete(id))', 'decision'],
    ['each asks for itself what is too old', 'renewals.set(id, begun)', ''],
    ['nobody waits for another', 'begun.isSent = true', ''],
    [
      'those of one turn wait for the first',
      "if (!renewal.isSent) return decide(ops, 'consume', given, deadline)\n",
      '',
    ],
    ['all callers wait for one', 'JSON.stringify(ops.map(({ policy, key }) => [policy, key]))', "''"],
    [
      'a renewal is waited for as long as it takes',
      'deadline.wait(() => renewal.decision)',
      'renewal.decision',
    ],
    [
      'a renewal that failed is tried again by all',
      'answer === undefined || answer.source !== undefined',
      'false',
    ],
    ['what the fallback said is taken for the store', ' || answer.source !== undefined', ''],
    [
      'what was renewed is asked for again',
      '      if (denial !== undefined && denial.ageMs',
      '      if (false as boolean && denial !== undefined && denial.ageMs',
    ],
    [
      'what begins to admit is asked for again',
      '[performance.now(), deadline.started]',
      '[performance.now()]',
    ],
    [
      'what was so when the request came is said',
      '[performance.now(), deadline.started]',
      '[deadline.started]',
    ],
    [
      'what comes too late is asked for',
      "if (2 * deadline.left() < deadlineMs) return standIn(ops, 'consume', given)\n",
      '',
    ],
    [
      'who waited in vain has all the time again',
      "return decide(ops, 'consume', given, deadline)\n  }",
      "return decide(ops, 'consume', given, new Deadline(deadlineMs))\n  }",
    ],
    [
      'who wants no refusal repeated waits for one',
      'denyCacheMs > 0 ? denials?.refusal(ops, at) : undefined',
      'denials?.refusal(ops, at)',
    ],
    ['what was given back is remembered', 'outcome.passed || outcome.compensated', 'outcome.passed'],
    ['something strange opens the breaker', "cause.code === 'STATE_MALFORMED'", 'false'],
    ['a reset that nobody heard seems done', "if (mode === 'peek') return standIn", 'return standIn'],
    ['what was not heard is not carried', 'outbox.add({ ops, mode, given, since: asked })\n', ''],
    ['a reset is carried', "(mode === 'adjust' || mode === 'release') && !", '!'],
    [
      'what a strange key did not take is carried',
      ' && !isMalformed(cause)) {\n      outbox',
      ') {\n      outbox',
    ],
    ['a slot that came too late stays held', 'if (isDoubtful) releaseSlots(ops, given, asked)\n', ''],
    ['a slot is released that nobody asked for', 'if (isDoubtful) releaseSlots', 'releaseSlots'],
    ['the local store keeps what was released', 'pool.local?.apply(ops, mode, given ?? clock())\n', ''],
    [
      'the local store releases its own slot',
      'outcome.results.length > 0 && !isOurs',
      'outcome.results.length > 0',
    ],
    ['what was not done is learnt', 'outcome.results.length > 0 && !isOurs', '!isOurs'],
    ['nothing is in doubt', 'standIn(ops, mode, given), isDoubtful }', 'standIn(ops, mode, given) }'],
    ['what a strange key does not take is carried on', 'isMalformed, isOurs', '() => false, isOurs'],
    ['an answer delivers nothing', 'if (outbox.size > 0) void outbox.deliver()\n', ''],
    ['an attempt is never over', 'attempt.over = true', ''],
    ['an attempt is over before it began', 'attempt = { over: false }', 'attempt = { over: true }'],
    ['an answer that is none is taken for one', '!Array.isArray(outcome?.results)', 'false'],
    ['each limiter tells a listener', '|| outage.told.has(onError)', ''],
    ['one listener is told', 'outage.told.has(onError)', 'outage.told.size > 0'],
    ['only who finds out is told', 'tellOutage()\n    return instead', 'return instead'],
    [
      'another limiter remembers what is asked each time',
      'else if (denyCacheMs > 0) denials',
      'else denials',
    ],
    ['an admission leaves what was refused before', 'denials?.drop(ops)', '{}'],
    ['a reset is not heard until it is done', 'if (changes) denials?.forget(ops, given ?? asked)', ''],
    [
      'a reset is forgotten once it is done',
      'if (changes) denials?.forget(ops, given ?? performance.now())\n      breaker',
      'breaker',
    ],
    [
      'a reset is forgotten once it has failed',
      'if (changes) denials?.forget(ops, given ?? performance.now())\n      failed',
      'failed',
    ],
    ["a given clock is taken for the store's", 'if (given === undefined) shared', 'shared'],
  ]),
]
