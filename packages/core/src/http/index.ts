export type { Awaitable } from '../after.js'
export { checkFunction, checkOneOf } from '../options.js'
export type { ClientIpOptions } from './client-ip.js'
export type { Gate, Pass, Refusal } from './gate.js'
export { createGate } from './gate.js'
export type { HeaderDialect } from './headers/dialect.js'
export type { HeaderDialectName } from './headers/headers.js'
export type { ApiKeyOptions, Extractors, KeyExtractor, MaybeKeyExtractor } from './keys.js'
export { createExtractors } from './keys.js'
export type { NodeResponse } from './node.js'
export { closeSignal, isGone, onEnd } from './node.js'
export type {
  GateOptions,
  LimiterForm,
  PoliciesForm,
  PolicyForm,
  RequestEnd,
  Rule,
  SharedOptions,
  WindowForm,
} from './options.js'
export type { Reader } from './reader.js'
export { withDefaults } from './rules.js'
export { sleep } from './sleep.js'
