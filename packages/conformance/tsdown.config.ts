import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: 'src/index.ts',
  // ESM only, as Vitest is.
  format: ['esm'],
  platform: 'node',
  fixedExtension: true,
  deps: { onlyBundle: [] },
})
