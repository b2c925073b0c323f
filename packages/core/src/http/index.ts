export type { Awaitable } from '../after.js'
export { checkFunction, checkOneOf } from '../options.js'
export { requestIdOf } from './body.js'
export type { ClientIpOptions } from './client-ip.js'
export { checkDefaults, withDefaults } from './defaults.js'
export type { Gate, Pass, Refusal } from './gate.js'
export { createGate } from './gate.js'
export type { HeaderDialect } from './headers/dialect.js'
export type { HeaderDialectName } from './headers/headers.js'
export { xRateLimit } from './headers/x-ratelimit.js'
export { allOf } from './keys/all-of.js'
export { createByApiKey } from './keys/by-api-key.js'
export { createByHeader } from './keys/by-header.js'
export { createByIp } from './keys/by-ip.js'
export { createByRoute } from './keys/by-route.js'
export { createExtractors } from './keys/create-extractors.js'
export { everyone } from './keys/everyone.js'
export type { ApiKeyOptions, Extractors, KeyExtractor, MaybeKeyExtractor } from './keys/extractors.js'
export { firstOf } from './keys/first-of.js'
export { createMethod } from './keys/method.js'
export type { NodeResponse } from './node.js'
export { closeSignal, isGone, onEnd } from './node.js'
export type {
  GateOptions,
  LimiterForm,
  OwnedByLimiter,
  PoliciesForm,
  PolicyForm,
  RequestEnd,
  Rule,
  SharedOptions,
  WindowForm,
} from './options.js'
export type { Reader } from './reader.js'
export type { RequestRateLimit } from './request-rate-limit.js'
export { sleep } from './sleep.js'
export type { End, Slots } from './stay.js'
export type { Client } from './visits.js'
