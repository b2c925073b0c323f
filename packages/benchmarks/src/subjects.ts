import { readdirSync } from 'node:fs'
import type { Subject } from './subject.js'

const KINDS = ['floors', 'ours', 'rivals'] as const
export type Kind = (typeof KINDS)[number]

export interface Named {
  /** Its file: `rivals/limiter`. */
  readonly id: string
  readonly kind: Kind
  readonly subject: Subject
}

/** Every file below `subjects` that is one. */
export async function allSubjects(): Promise<Named[]> {
  const ids = KINDS.flatMap((kind) =>
    readdirSync(new URL(`subjects/${kind}/`, import.meta.url))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => ({ kind, id: `${kind}/${file.slice(0, -'.ts'.length)}` })),
  )
  const subjects = await Promise.all(ids.map(async (one) => ({ ...one, subject: await load(one.id) })))
  return subjects.filter((one): one is Named => one.subject !== undefined)
}

/** A file that only helps others has no default export. */
export async function load(id: string): Promise<Subject | undefined> {
  const module = (await import(`./subjects/${id}.ts`)) as { default?: Subject }
  return module.default
}
