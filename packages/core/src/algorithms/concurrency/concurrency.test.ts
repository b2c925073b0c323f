import { describe } from 'vitest'
import { concurrencyKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { concurrencyVectors } from './concurrency.vectors.js'

describe('concurrency', () => {
  testVectors(concurrencyVectors)
  testProperties(concurrencyKind)
})
