import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readProgramFile } from '../../src/platform/program-files.ts'

describe('a file of the program', () => {
  it('is found by its path below the folder that src was built to, from any working folder', (context) => {
    const before = process.cwd()
    context.after(() => process.chdir(before))
    process.chdir('/')
    assert.equal(readProgramFile('kernel/kernel.wasm').subarray(0, 4).toString('latin1'), '\0asm')
  })

  it('that is not there is an error that names it', () => {
    assert.throws(() => readProgramFile('kernel/none.wasm'), /none\.wasm/)
  })
})
