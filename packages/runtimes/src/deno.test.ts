import { report } from './report.js'
import { runIn } from './start.js'
import { SUITES } from './suites.js'

report('Deno', await runIn('deno', [...SUITES, 'packages/runtimes/src/inside/deno.contract.ts']))
