import fakeTimers, { type Clock } from '@sinonjs/fake-timers'
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect'
import { getCurrentTest } from '@vitest/runner'
import { fn, restoreAllMocks, spyOn } from '@vitest/spy'
import * as chai from 'chai'

/** What the suites import as `vitest`: of its published parts, those that run anywhere. */
export {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  it,
  onTestFinished,
  test,
} from '@vitest/runner'

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin)

export const expect = chai.expect

let clock: Clock | undefined
const stubbed = new Map<string, PropertyDescriptor | undefined>()

export const vi = {
  fn,
  spyOn,
  restoreAllMocks,

  useFakeTimers() {
    clock = fakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] })
  },
  useRealTimers() {
    clock?.uninstall()
    clock = undefined
  },
  getTimerCount: () => clock?.countTimers(),
  advanceTimersByTimeAsync: (ms: number) => clock?.tickAsync(ms),

  stubGlobal(name: string, value: unknown) {
    if (!stubbed.has(name)) stubbed.set(name, Object.getOwnPropertyDescriptor(globalThis, name))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  },
  unstubAllGlobals() {
    for (const [name, descriptor] of stubbed) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor)
      else Reflect.deleteProperty(globalThis, name)
    }
    stubbed.clear()
  },

  // Hono reads no environment.
  stubEnv() {},
  unstubAllEnvs() {},

  resetModules() {
    getCurrentTest()?.context.skip('in a bundle no module can be loaded twice')
  },
}
