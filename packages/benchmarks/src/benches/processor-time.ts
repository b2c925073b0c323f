/**
 * What this process has worked, in ms: the clock on the wall goes on while other programs of a shared machine have its
 * processors. Collecting garbage on other threads is in it.
 */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
