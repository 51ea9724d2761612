// `node scripts/build-kernel.mjs FOLDER`: compiles the AssemblyScript of src/kernel/wasm to FOLDER/kernel.wasm.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { main } from 'assemblyscript/asc'

const [folder] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })

const { error, stderr } = await main([
  'src/kernel/wasm/index.ts',
  `--outFile=${join(folder, 'kernel.wasm')}`,
  '-O3',
  '--converge',
  '--enable=simd',
  // No allocator, no collector: all memory is handed in by src/kernel/kernel.ts.
  '--runtime=stub',
  '--noAssert',
  // A trap is a trap; nobody is asked to print why.
  '--use=abort=',
  '--zeroFilledMemory',
])
// oxlint-disable-next-line typescript/no-base-to-string -- a stream in memory, whose text it gives
const text = stderr.toString()
// Not a warning: one more round of the optimizer would have made it larger, and the round before is kept.
const complaints = text.replace('Last converge was suboptimal.\n', '')
// A warning is about a conversion that loses bits: an error as well.
if (error || complaints !== '') {
  process.stderr.write(`${complaints}${error?.message ?? ''}\n`)
  process.exitCode = 1
}
