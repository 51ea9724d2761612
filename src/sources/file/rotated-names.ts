import path from 'node:path'

/** Names of one rotation begin alike: app.log, app.log.1, app-20261120.log. */
export function isRelated(name: string, original: string): boolean {
  return name !== original && name.startsWith(original.replace(/(?<=.)[._-].*$/, ''))
}

/** What a name is without the numbers and dates that rotation adds: files of one family are read oldest first. */
export function familyOf(file: string): string {
  const name = path.basename(file).replaceAll(/[._-]?\d[\dT:_.-]*/g, '')
  return `${path.dirname(file)}/${name}`
}
