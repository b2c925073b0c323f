import { adapterContract } from '@spillway/conformance'
import { harnesses } from './testing/harness.js'

for (const harness of harnesses) adapterContract(harness)
