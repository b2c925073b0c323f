import type { Mutants } from '../mutant.js'

const tests = [
  'packages/core/src/reservation.test.ts',
  'packages/core/src/holding.test.ts',
  'packages/core/src/metering.test.ts',
]

export const reservation: Mutants = {
  file: 'packages/core/src/reservation.ts',
  tests,
  changes: [
    [
      'a refused one is open',
      'this.isOpen = this.isHolding = subject.decision.allowed',
      'this.isOpen = this.isHolding = true',
    ],
    ['it is settled as often as it is asked', '    this.isOpen = false\n', ''],
    ['slots are released as often as it is asked', 'if (release) this.isHolding = false\n', ''],
    ['a wrong cost is taken', 'if (actual !== undefined) checkUnits(this.subject.plan, actual)\n', ''],
    ['the slots go with the settlement, whatever is said', 'options.release ?? true', 'true'],
    ['the slots are kept', "if (slots.length > 0) sent.push(this.send(slots, 'release'))\n", ''],
    ['a settlement that finds nothing to do is news', 'return isNews && !', 'return !'],
    [
      'a store that failed has heard',
      'return isNews && !(await Promise.all(sent)).includes(undefined)',
      'await Promise.all(sent)\n    return isNews',
    ],
    ['it is cancelled to a cost of 1', 'return this.end(0, true)', 'return this.end(1, true)'],
    ['a cancelled one holds on', 'return this.end(0, true)', 'return this.end(0, false)'],
    ['a released slot is renewed', 'if (!this.isHolding) return false\n', ''],
    ['a lost slot is held', 'return passed\n    } catch', 'return true\n    } catch'],
    [
      'a slot is lost where the store does not answer',
      'return performance.now() < (this.heldUntil ?? this.subject.asked + leaseMs)',
      'return false',
    ],
    ['what nobody counted is lost', " || this.decision.source === 'fallback'", ''],
    [
      'units are metered side by side',
      'Promise.resolve(this.pending).then(() => this.produce',
      'Promise.resolve().then(() => this.produce',
    ],
    ['metering is not waited for', 'if (this.pending !== undefined) await this.pending\n', ''],
    ['an ended one is metered', 'if (!this.isOpen) return false\n    const charges', 'const charges'],
    ['what had no room was produced', "if (isRoom || atLimit === 'finish') charges", 'charges'],
    [
      'what goes beyond the limit was not produced',
      "if (isRoom || atLimit === 'finish') charges",
      'if (isRoom) charges',
    ],
    [
      'an extra charge may be refused',
      "atLimit === 'stop' ? this.run(ops, 'consume') : this.send(once(ops), 'adjust')",
      "this.run(ops, 'consume')",
    ],
    [
      'no extra charge is refused',
      "atLimit === 'stop' ? this.run(ops, 'consume') : this.send(once(ops), 'adjust')",
      "this.send(once(ops), 'adjust')",
    ],
    [
      "what something else charged is the store's",
      'if (charged.by === this.subject.answer?.by) this',
      'if (true) this',
    ],
    ['what is in doubt is charged again', 'else if (charged.isDoubtful) this', 'else if (false) this'],
    ['what was not heard is never charged', 'else if (charged.isDoubtful) this', 'else if (true) this'],
    ['a refusal is charged where it stops', "if (!(await this.run(ops, 'peek')).passed) return false\n", ''],
    [
      'a debt is room',
      'return ops.every((op, i) => this.policyOf(op).shadow || this.hasRoom(op, charged, i))',
      'return true',
    ],
    ['what a shadow policy refused is given back', 'return passed ? [{', 'return true ? [{'],
    ['a charge is not found again', 'mark: this.policyOf(op).algorithm.mark(reply)', 'mark: 0'],
    ['what stood in counts it twice', 'if (this.lent.length > 0) await this.takeBack()\n', ''],
    ['an adjustment has no id', 'ops.map((op) => ({ ...op, id }))', '[...ops]'],
  ],
}

export const charges: Mutants = {
  file: 'packages/core/src/charges.ts',
  tests,
  changes: [
    [
      'the estimate is charged again',
      'const cost = metered + (forPolicy(produced, name) ?? 0) - total',
      'const cost = metered + (forPolicy(produced, name) ?? 0)',
    ],
    ['each chunk begins anew', 'const cost = metered + (forPolicy', 'const cost = (forPolicy'],
    [
      'what was produced is not counted',
      'if (more !== undefined) account.metered =',
      'if (false) account.metered =',
    ],
    [
      'a policy that is not named was metered',
      'if (more !== undefined) account.metered = (account.metered ?? 0) + more',
      'account.metered = (account.metered ?? 0) + (more ?? 0)',
    ],
    ['what is charged besides is forgotten', 'account.total += op.cost\n      if', 'if'],
    [
      'what is certain is given back for what is in doubt',
      'Math.min(-difference, certain - target)',
      '-difference',
    ],
    ['what is owed is charged again', 'account.total += op.cost\n      account.owed', 'account.owed'],
    ['what is owed is never charged', 'account.owed += op.cost\n', ''],
    ['charges of one mark are one', 'cost: last.cost + op.cost }\n      else', 'cost: op.cost }\n      else'],
    ['old charges are forgotten', 'charges.unshift({ ...first, cost: first.cost + second.cost })\n', ''],
    ['an estimate is given back whole', 'owed, metered = op.cost }', 'owed, metered = 0 }'],
    [
      'what was metered is settled by the estimate',
      'const target = given ?? metered',
      'const target = given ?? op.cost',
    ],
    [
      'the oldest charges are given back first',
      'for (let i = charges.length - 1; left > 0 && i >= 0; i--)',
      'for (let i = 0; left > 0 && i < charges.length; i++)',
    ],
    ['each charge is given back whole', 'Math.min(op.cost, left)', 'op.cost'],
    ['only the newest charge is given back', 'left -= cost\n', 'left = 0\n'],
    ['a charge of nothing has a mark', 'charges: op.cost > 0 ? [op] : []', 'charges: [op]'],
  ],
}

export const queue: Mutants = {
  file: 'packages/core/src/queue.ts',
  tests: ['packages/core/src/queue.test.ts'],
  changes: [
    ['nobody waits', 'if (!this.waitsFor(ops, answer)) return answer\n', 'return answer\n'],
    ['who comes overtakes those who wait', '!this.lines.has(key)', 'true'],
    ['who finds the line full overtakes those who wait', "await ask('peek')", "await ask('consume')"],
    [
      'who finds a slot free takes a place in a full line',
      '!answer.passed || this.isFull(key)',
      '!answer.passed',
    ],
    ['a slot that is for others is taken', 'if (!answer.passed) return answer\n', 'return answer\n'],
    [
      'a slot that is for others is said to be free',
      'lease.full(result.reply, op, result.now ?? answer.now)',
      'result.reply',
    ],
    ['a cost of 0 waits', ' && cost > 0)?.key', ')?.key'],
    ['the line has no end', '>= this.length', '>= Number.POSITIVE_INFINITY'],
    ['one more may wait', '>= this.length', '> this.length'],
    ['a released slot wakes nobody', '?.[0]?.wake()\n  }', '\n  }'],
    ['a refusal of another policy is waited for', '(op.policy === this.policy && op.fits)', 'op.fits'],
    ['what never fits is waited for', 'op.policy === this.policy && op.fits', 'op.policy === this.policy'],
    ['all ask, not only the first', 'if (line[0] === waiter) {', 'if (line.length > 0) {'],
    ['who waits, waits for ever', 'if (isLast || !this.waitsFor', 'if (!this.waitsFor'],
    ['the end of the wait stays behind', 'clearTimeout(end)\n', ''],
    ['who has gone stands in line', 'line.splice(line.indexOf(waiter), 1)\n', ''],
    ['the next is not told', 'else line[0]?.wake()\n', ''],
    ['the first does not ask again by itself', 'if (isFirst) poll = setTimeout(resolve, POLL_MS)\n', ''],
    ['the poll stays behind', 'clearTimeout(poll)\n', ''],
    [
      'a signal ends no wait',
      'await waiter.sleep(line[0] === waiter, signal)\n        signal?.throwIfAborted()\n',
      'await waiter.sleep(line[0] === waiter, signal)\n',
    ],
    ['a signal does not wake', "signal?.addEventListener('abort', resolve as () => void)\n", ''],
  ],
}

export const outbox: Mutants = {
  file: 'packages/core/src/resilience/outbox.ts',
  tests: ['packages/core/src/resilience/outbox.test.ts'],
  changes: [
    ['it has no bound', 'this.letters.length > MOST_LETTERS', 'false'],
    ['the newest goes', 'this.letters.shift()', 'this.letters.pop()'],
    ['what goes is not counted', 'this.letters.shift()\n      this.lost++', 'this.letters.shift()'],
    ['nothing is sent again by itself', '    this.wait()\n  }\n\n  /** The store', '  }\n\n  /** The store'],
    ['it is sent twice at once', 'this.isSending || this.letters', 'this.letters'],
    ['what was not heard is dropped', 'this.letters.unshift(...sent.filter((_, i) => !answers[i]))\n', ''],
    ['what was heard is sent again', '.filter((_, i) => !answers[i])', ''],
    [
      'it asks on where nothing is heard',
      'heard = answers.includes(true)',
      'heard = this.letters.length > 0 && sent.length > 0',
    ],
    ['it sends once', 'this.isSending = false\n', ''],
    ['what is old is sent', 'now - since < MAX_AGE_MS', 'true'],
    ['what is old is not counted', 'this.lost += this.letters.length - young.length\n', ''],
    ['losses are told each time', ' || now - this.toldAt < TELL_EVERY_MS', ''],
    ['losses are told again', 'this.told = this.lost\n', ''],
    ['there are many timers', 'this.timer !== undefined || ', ''],
    ['the timer never ends', '(this.letters.length === 0 && this.lost === this.told)', 'false'],
    [
      'losses at the end are not told',
      '(this.letters.length === 0 && this.lost === this.told)',
      'this.letters.length === 0',
    ],
  ],
}
