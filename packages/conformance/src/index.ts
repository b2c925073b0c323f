export { adapterContract, holdingContract } from './adapter/contract.js'
export type {
  Answer,
  App,
  Exemption,
  Handler,
  Harness,
  Middleware,
  Options,
  Route,
} from './adapter/harness.js'
export { storeContract } from './store/contract.js'
export type { StoreExemption, StoreHarness } from './store/harness.js'
