import type { Clock } from './clock.js'
import type { Contender, Make } from './contender.js'
import { together } from './said.js'
import { onStage, type Stage } from './stage.js'

/** A row of the table: one file of `rows`. */
export interface Fact {
  readonly row: string
  /** What its cell says of a library, found out by trying. */
  try(contender: Contender, clock: Clock): Promise<string>
  /** It is mostly waiting, and the libraries are tried at once. Else one after the other. */
  readonly atOnce?: boolean
}

/** Tries each of some makes on a stage of its own. What is the same of several is said once. */
export async function ofEach(
  makes: Readonly<Record<string, Make>>,
  attempt: (make: Make, stage: Stage) => Promise<string>,
): Promise<string> {
  const found: [label: string, text: string][] = []
  for (const [label, make] of Object.entries(makes))
    found.push([label, await onStage((stage) => attempt(make, stage))])
  return together(found)
}

export function inMemory({ makes }: Contender): Record<string, Make> {
  return pick(makes, ({ keeps }) => keeps === 'memory')
}

export function pick(
  makes: Readonly<Record<string, Make>>,
  by: (make: Make) => boolean,
): Record<string, Make> {
  return Object.fromEntries(Object.entries(makes).filter(([, make]) => by(make)))
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
