import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedFiles } from './generated-files.ts'

/** `node out/scripts/generate.js [--check]`: writes what is generated, or tells (status 1) which of it is not current. */
function generate(isCheck: boolean): number {
  const stale: string[] = []
  for (const [path, text] of generatedFiles()) {
    const file = join(process.cwd(), path)
    if (readOrEmpty(file) === text) continue
    stale.push(path)
    if (!isCheck) writeFileSync(file, text)
  }
  if (stale.length === 0) return 0
  process.stderr.write(
    `${isCheck ? 'not current, run `npm run generate`' : 'written'}: ${stale.join(', ')}\n`,
  )
  return isCheck ? 1 : 0
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

process.exitCode = generate(process.argv.includes('--check'))
