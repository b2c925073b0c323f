import { memoryStore } from '@spillway/core'
import { storeContract } from './contract.js'

storeContract({ store: 'memoryStore', create: () => memoryStore() })
