import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: { index: 'src/index.ts', 'http/index': 'src/http/index.ts', vectors: 'src/vectors.ts' },
  format: ['esm', 'cjs'],
  platform: 'neutral',
  fixedExtension: true,
  // Of `await using`, for programs whose own library is older. The bundle of the types drops what a source says of it.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
  // ESM only, so inlined: a CommonJS consumer can load all that is left to `require`.
  deps: { onlyBundle: ['leven', 'tinyqueue'] },
})
