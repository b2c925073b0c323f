import type { Mutants } from '../mutant.js'

export const figures: Mutants = {
  file: 'packages/core/src/algorithms/figures.ts',
  tests: [
    'packages/core/src/algorithms/token-bucket/token-bucket.test.ts',
    'packages/core/src/algorithms/fixed-window/fixed-window.test.ts',
    'packages/core/src/decision.test.ts',
    'packages/core/src/algorithms/extremes.test.ts',
  ],
  changes: [
    ['less than nothing remains', 'used >= limit ? 0 : limit - used', 'limit - used'],
    ['what is used remains', 'used >= limit ? 0 : limit - used', 'used'],
  ],
}
