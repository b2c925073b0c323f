import type { Kind, Named } from './subjects.js'

/** One of `src/benches`: measures, and answers what is to be written down. */
export interface Bench {
  readonly name: string
  run(subjects: readonly Named[]): Promise<Table[]>
  /** Where its section stands and how it reads, if not as all tables do in the README of this package. */
  readonly section?: { readonly readme: URL; content(tables: readonly Table[]): string }
}

export interface Table {
  readonly title: string
  /** What the samples are, and whether less of it is better. */
  readonly unit: 'ns' | 'µs' | 'ms' | 'B' | 'timers' | '1/s' | 'commands'
  readonly better: 'less' | 'more'
  /** Its row is 1.00 in the column of ratios, and in the picture. Without it there is neither. */
  readonly floor?: string
  /** Another row to compare with, in a column of its own. */
  readonly besides?: string
  /** Its rows stand as they are given: they are steps of something. Else the best one is first. */
  readonly inOrder?: boolean
  readonly rows: readonly Row[]
}

export interface Row {
  readonly subject: string
  readonly kind: Kind
  readonly algorithm: string
  /** One for each round; the rounds of all rows of a table went in turn. None where it was left out. */
  readonly samples: readonly number[]
  /** Of what it was asked, the share that it let in. */
  readonly admitted?: number
  /** Read after an await, its answer is not the one that was given. */
  readonly wrong?: boolean
  readonly note?: string
}

/** The part of a row that its subject says. */
export function rowOf({ subject, kind }: Named): Pick<Row, 'subject' | 'kind' | 'algorithm'> {
  return { subject: subject.name, kind, algorithm: subject.algorithm }
}
