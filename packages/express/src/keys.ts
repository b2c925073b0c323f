import * as core from '@spillway/core/http'
import { reader } from './reader.js'
import type { AnyRequest } from './types.js'

// One by one, and marked as pure: a bundle holds those that an app uses.
export const byIp = /* @__PURE__ */ core.createByIp(reader)
export const byApiKey = /* @__PURE__ */ core.createByApiKey(reader)
export const byHeader = /* @__PURE__ */ core.createByHeader(reader)
export const byRoute = /* @__PURE__ */ core.createByRoute(reader)
export const everyone = core.everyone<AnyRequest>
export const firstOf = core.firstOf<AnyRequest>
export const allOf = core.allOf<AnyRequest>
export const method = /* @__PURE__ */ core.createMethod(reader)
