import { clockAt, onEachStore, open, patient, type Together } from '@spillway/example-kit/testing'
import { beforeEach } from 'vitest'
import { type AppOptions, createApp } from '../app.js'
import { START } from './expected.js'

interface SetUp extends ReturnType<typeof setUp> {
  readonly newTogether: () => Together
}

/** The same suite on each store, with a clock that stands at `START` before each test, and servers that go by it. */
export function onEachSetUp(suite: (site: SetUp) => void): void {
  onEachStore((newStore, newTogether) => suite({ ...setUp(newStore), newTogether }))
}

function setUp(newStore: () => NonNullable<AppOptions['store']>) {
  const clock = clockAt(START)
  beforeEach(() => clock.advance(Date.parse(START) - clock()))
  /** On a store of its own unless one is passed. */
  const start = (options?: AppOptions) =>
    open(createApp({ store: newStore(), clock, ...patient, ...options }))
  return { clock, newStore, start }
}
