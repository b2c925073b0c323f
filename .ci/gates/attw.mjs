import { root } from '../setup.mjs'
import { each, node } from './exec.mjs'

/** ESM only, as Vitest is. */
const ESM_ONLY = ['@spillway/conformance']

/** The types that TypeScript finds are those of the code that Node finds. */
export default async function attw({ tarballs, attempt }) {
  await each(Object.entries(tarballs), async ([name, tarball]) => {
    const profile = ESM_ONLY.includes(name) ? 'esm-only' : 'strict'
    const args = [tarball, '--profile', profile, '--no-color']
    await attempt(name, () => node(`${root}/node_modules/@arethetypeswrong/cli/dist/index.js`, args))
  })
}
