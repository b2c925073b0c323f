import { SpillwayError, show } from '../../errors.js'
import { checkPolicyOptions, createPolicy, type Policy, type PolicyOptions } from '../../policy.js'
import { meter } from '../meter/meter.js'

/** Calls per second or per minute: `'5ps'`, `'300pm'`. */
export type SpikeRate = `${number}ps` | `${number}pm`

/**
 * Minimum spacing: `'5ps'` admits one call each 200 ms, however few came before. Its limit is 1, its rate is fixed, and
 * a refusal reports the spacing it wanted and saw.
 * @throws SpillwayError `LIMIT_INVALID`, `RATE_UNREACHABLE`, `OPTION_UNKNOWN`
 */
export function spikeArrest(rate: SpikeRate, options: PolicyOptions = {}): Policy {
  checkPolicyOptions(options, [], 'spikeArrest')
  const match = typeof rate === 'string' ? /^([1-9]\d*)(ps|pm)$/.exec(rate) : null
  if (!match) {
    throw new SpillwayError(
      'LIMIT_INVALID',
      `spikeArrest(${show(rate)}): write the rate as '5ps' (per second) or '300pm'.`,
    )
  }
  const calls = Number(match[1])
  const period = match[2] === 'ps' ? 1000 : 60_000
  if (calls > period) {
    throw new SpillwayError(
      'RATE_UNREACHABLE',
      `spikeArrest('${rate}') asks for less than 1 ms between calls: at most '1000ps'; use tokenBucket for more.`,
    )
  }
  const algorithm = meter({
    kind: 'spike-arrest',
    period,
    rate: calls,
    capacity: 1,
    slack: calls - 1,
    spaces: true,
    configuration: [calls],
  })
  const fixedLimit = `spikeArrest('${rate}') has a fixed rate: a call cannot bring a limit of its own, only 0 or Infinity`
  return createPolicy({ algorithm, limit: 1, fixedLimit }, options)
}
