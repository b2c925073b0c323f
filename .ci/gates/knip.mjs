import { root } from '../setup.mjs'
import { node } from './exec.mjs'

/** No file, export or dependency is there for nothing; none is missing. */
export default async function knip({ attempt }) {
  const args = ['--no-progress', '--treat-config-hints-as-errors']
  await attempt('the workspace', () => node(`${root}/node_modules/knip/bin/knip.js`, args))
}
