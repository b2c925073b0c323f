import { describe } from 'vitest'
import { slidingCounterKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { slidingCounterVectors } from './sliding-counter.vectors.js'

describe('slidingCounter', () => {
  testVectors(slidingCounterVectors)
  testProperties(slidingCounterKind)
})
