import { describe } from 'vitest'
import { tokenBucketKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { tokenBucketVectors } from './token-bucket.vectors.js'

describe('tokenBucket', () => {
  testVectors(tokenBucketVectors)
  testProperties(tokenBucketKind)
})
