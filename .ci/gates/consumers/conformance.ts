import { adapterContract, type StoreHarness, storeContract } from '@spillway/conformance'
import { memoryStore } from '@spillway/core'

const harness: StoreHarness = { store: 'the memory store', create: () => memoryStore() }
storeContract(harness)

export const contracts: readonly ((harness: never) => void)[] = [adapterContract, storeContract]
