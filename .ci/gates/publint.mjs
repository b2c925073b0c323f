import { root } from '../setup.mjs'
import { node } from './exec.mjs'

/** What a package's manifest promises is in the package. */
export default async function publint({ tarballs, attempt }) {
  for (const [name, tarball] of Object.entries(tarballs)) {
    await attempt(name, () => node(`${root}/node_modules/publint/src/cli.js`, ['--strict', tarball]))
  }
}
