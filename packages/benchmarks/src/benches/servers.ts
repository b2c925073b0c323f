import findOrFetch from '../../../redis/src/testing/global-setup.js'

// Those of the tests of packages/redis: on free loopback ports, and gone with this process.
export { startCluster } from '../../../redis/src/testing/cluster.js'
export { commandCounts } from '../../../redis/src/testing/command-counts.js'
export { ready } from '../../../redis/src/testing/ready.js'
export { type RedisServer, startServer } from '../../../redis/src/testing/server.js'

findOrFetch()
