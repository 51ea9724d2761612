import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeLetter } from '../../src/delivery/letters/dead-letter.ts'
import type { DeadLetter } from '../../src/delivery/letters/dead-letter.ts'

/** A dead letter as an agent writes it, with parts of it replaced. */
export function fakeLetter(parts: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: '0123456789abcdef01234567-0-c',
    time: '2026-11-20T18:00:00.000Z',
    sink: 'es',
    source: 'app',
    reason: 'mapping',
    status: 400,
    type: 'document_parsing_exception',
    text: "document_parsing_exception: [1:42] failed to parse field [n] of type [long] in document with id '4'. Preview of field's value: 'text'",
    attempts: 1,
    origin: { generation: '0123456789abcdef01234567', path: '/var/log/app/app.log', from: 0, to: 12 },
    event: { target: 'create app-logs id=4', body: '{"n":"text"}\n' },
    ...parts,
  }
}

/** Writes a file of dead letters below `dataDir`. */
export async function writeLetters(
  dataDir: string,
  name: string,
  letters: readonly (DeadLetter | string)[],
): Promise<void> {
  const path = join(dataDir, 'dead_letters', name)
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  const lines = letters.map((letter) => (typeof letter === 'string' ? letter : encodeLetter(letter)))
  await writeFile(path, Buffer.concat(lines.map((line) => Buffer.from(line))), { mode: 0o600 })
}
