import { readFileSync, writeFileSync } from 'node:fs'
import type { Bench, Table } from '../bench.js'
import { targets } from '../targets.js'
import { chart } from './chart.js'
import { type Facts, facts } from './facts.js'
import { tableOf, verdictsOf } from './markdown.js'
import { replaceSection } from './readme.js'
import { judge } from './verdicts.js'

const at = (path: string) => new URL(`../../${path}`, import.meta.url)

/** `results/<bench>.json`, and its section of a README with its picture. Answers the section. */
export function write({ name, section }: Bench, tables: readonly Table[]): string {
  const verdicts = judge(
    targets.filter(({ bench }) => bench === name),
    tables,
  )
  const measured = facts()
  const json = JSON.stringify({ bench: name, ...measured, targets: verdicts, tables }, round, 2)
  writeFileSync(at(`results/${name}.json`), `${json}\n`)
  if (section !== undefined) return fill(section.readme, name, section.content(tables))

  writeFileSync(at(`results/${name}.svg`), chart(tables))
  const parts = [...tables.map(tableOf), ...(verdicts.length > 0 ? [verdictsOf(verdicts)] : [])]
  const head = [inWords(measured), `![The ratios of each row](results/${name}.svg)`]
  fill(at('README.md'), name, [...head, ...parts].join('\n\n'))
  return parts.join('\n\n')
}

function fill(readme: URL, name: string, content: string): string {
  writeFileSync(readme, replaceSection(readFileSync(readme, 'utf8'), name, content))
  return content
}

function inWords({ day, node, cpu, cores, versions }: Facts): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `Measured ${day} on Node ${node}, ${cpu}, ${cores} cores. ${list.join(', ')}.`
}

/** More digits than the noise has would only make every run look like a new result. */
function round(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value
}
