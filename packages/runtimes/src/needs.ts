import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** What modules take from outside of themselves and each other. */
export interface Needs {
  /** Of packages and of the runtime: `hono`, `node:fs`. */
  readonly imports: readonly string[]
  /** Global names that are neither of JavaScript nor of the web: `process`. */
  readonly globals: readonly string[]
}

const CANNOT_FIND_NAME = /^Cannot find name '(\w+)'/

export function needsOf(files: readonly string[]): Needs {
  const imports = files.flatMap((file) => importsOf(file, true))
  const program = ts.createProgram(files, {
    allowJs: true,
    checkJs: true,
    noEmit: true,
    types: [],
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    // Each module by itself: a package that it imports would bring types of Node.
    noResolve: true,
  })
  const globals = files.flatMap((file) => {
    const diagnostics = program.getSemanticDiagnostics(program.getSourceFile(file))
    const texts = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    const names = texts.flatMap((text) => CANNOT_FIND_NAME.exec(text)?.[1] ?? [])
    // TypeScript knows `require` in all of JavaScript, and calls the modules of Node names.
    const requires = file.endsWith('.mjs') && importsOf(file, true).length > importsOf(file, false).length
    return [...names.filter((name) => !imports.includes(name)), ...(requires ? ['require'] : [])]
  })
  return {
    imports: [...new Set(imports)].filter((name) => !name.startsWith('.')).sort(),
    globals: [...new Set(globals)].sort(),
  }
}

function importsOf(file: string, withRequire: boolean): string[] {
  const text = readFileSync(file, 'utf8')
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text, true, withRequire)
  return [...importedFiles, ...typeReferenceDirectives].map(({ fileName }) => fileName)
}
