import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: { index: 'src/index.ts', 'http/index': 'src/http/index.ts', vectors: 'src/vectors.ts' },
  format: ['esm', 'cjs'],
  platform: 'neutral',
  fixedExtension: true,
  // ESM only, so inlined: a CommonJS consumer can load all that is left to `require`.
  deps: { onlyBundle: ['leven', 'tinyqueue'] },
})
