export { adapterContract } from './adapter/contract.js'
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
