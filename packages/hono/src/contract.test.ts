import { adapterContract } from '@spillway/conformance'
import { harnesses } from './testing/node.js'

for (const harness of harnesses) adapterContract(harness)
