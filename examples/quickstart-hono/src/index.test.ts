import { quickstartContract } from '../../demo/src/live/quickstart-contract.js'

quickstartContract('Hono')
