import { describe } from 'vitest'
import { slidingLogKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { slidingLogVectors } from './sliding-log.vectors.js'

describe('slidingLog', () => {
  testVectors(slidingLogVectors)
  testProperties(slidingLogKind)
})
