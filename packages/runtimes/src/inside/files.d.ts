/** The test files of this bundle. */
declare module 'virtual:files' {
  export const files: import('./run.js').Files
}
