import { report } from './report.js'
import { SUITES } from './suites.js'
import { runInWorker } from './workerd.js'

// Without Node's modules and globals: what is imported from Node would not load, what is used would not be there.
report(
  'workerd',
  await runInWorker('workerd', { node: false, files: [...SUITES, 'packages/runtimes/src/inside/bare.ts'] }),
)
report(
  'workerd',
  await runInWorker('workerd-server', {
    node: true,
    files: ['workerd.contract.ts', 'workerd.requests.ts'].map(
      (file) => `packages/runtimes/src/inside/${file}`,
    ),
  }),
)
