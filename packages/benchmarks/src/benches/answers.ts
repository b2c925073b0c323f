import { interleave, start } from '../children.js'
import type { Named } from '../subjects.js'

/** What a result says once it was awaited: what was decided, what was counted since, or what another key was told. */
export type Answers = 'right' | 'of later' | "another's"

const PROGRAM = new URL('answers-child.ts', import.meta.url)

/** Tries each in a process of its own, so that no trial takes part in what is measured. */
export async function answersOf(subjects: readonly Named[]): Promise<Map<Named, Answers>> {
  const tried = await interleave(
    subjects.map(({ id }) => start<Answers>(PROGRAM, id)),
    1,
  )
  return new Map(subjects.map((named, i) => [named, tried[i]?.[0] ?? 'right']))
}
