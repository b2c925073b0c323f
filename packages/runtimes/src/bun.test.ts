import { report } from './report.js'
import { runIn } from './start.js'
import { SUITES } from './suites.js'

report('Bun', await runIn('bun', [...SUITES, 'packages/runtimes/src/inside/bun.contract.ts']))
