import { root } from '../setup.mjs'
import { node } from './exec.mjs'

/** What one algorithm costs a bundle: .size-limit.json. */
export default async function size({ attempt }) {
  let sizes = []
  await attempt('bundles', async () => {
    const report = await node(`${root}/node_modules/size-limit/bin.js`, ['--json'])
    sizes = JSON.parse(report).map(({ name, size }) => `${name} ${size} B`)
  })
  return sizes.join(', ')
}
