import type { Frame, Sample } from './sample.ts'

/**
 * What V8 and Node do on their own, told by the names of their C++ functions anywhere in the stack; the first that fits.
 * Loading comes before compiling, because most of what is compiled at the start is compiled while modules are loaded.
 */
const machinery: readonly (readonly [room: string, pattern: RegExp])[] = [
  [
    'gc',
    /Heap::CollectGarbage|ConcurrentMarking|Scaveng|MarkCompact|Sweeper|ArrayBufferSweeper|\(garbage collector\)/,
  ],
  [
    'start-up',
    /^node:internal\/(?:modules|bootstrap|main|process\/(?:pre_)?execution|vm)|^node::(?:LoadEnvironment|InitializeOncePerProcess|Realm|Environment::RunBootstrapping)/,
  ],
  ['compiling wasm', /v8::internal::wasm|WasmCompilation|WasmGraph|WasmLoweringPhase|Liftoff/],
  ['optimising', /v8::internal::(?:compiler|maglev|OptimizingCompile)/],
  ['compiling', /v8::internal::(?:baseline|interpreter|parsing|Parser|PreParser|Scanner|Compiler)/],
]

/**
 * The room that a sample counts for: machinery first, else the innermost frame of ours or of a package, so that a room pays for
 * what it calls in Node and in the system; the kernel in wasm is a room of its own.
 */
export function roomOf({ frames }: Sample): string {
  const doneByItself = machineryOf(frames)
  if (doneByItself !== undefined) return doneByItself
  const paying = payingFrame(frames)
  if (paying) return isWasm(frames, paying) ? 'kernel (wasm)' : placeOf(paying).room
  return frames.some(({ file }) => file.startsWith('node:')) ? 'node' : 'system and native'
}

/**
 * The function that a sample counts for, with what it calls outside of ours: `#write (sinks/elasticsearch/encode.ts)`. Machinery
 * is one entry for each room.
 */
export function functionOf({ frames }: Sample): string {
  const doneByItself = machineryOf(frames)
  if (doneByItself !== undefined) return `(${doneByItself})`
  const paying = payingFrame(frames)
  if (!paying) return frames[0]?.name ?? '(unknown)'
  if (isWasm(frames, paying)) return `${frames.find(({ file }) => file === 'wasm:')!.name} (kernel.wasm)`
  return `${paying.name} (${placeOf(paying).path})`
}

function machineryOf(frames: readonly Frame[]): string | undefined {
  const runs = (pattern: RegExp): boolean =>
    frames.some(({ name, file }) => pattern.test(name) || pattern.test(file))
  return machinery.find(([, pattern]) => runs(pattern))?.[0]
}

function payingFrame(frames: readonly Frame[]): Frame | undefined {
  return frames.find(({ file }) => /\/out\/src\/|\/node_modules\//.test(file))
}

/** Packages and Node bring wasm along too (parsers of HTTP, of modules): it is ours if a function of ours called it. */
function isWasm(frames: readonly Frame[], paying: Frame): boolean {
  const at = frames.findIndex(({ file }) => file === 'wasm:')
  const caller = frames.slice(at + 1).find(({ file }) => file !== '' && file !== 'wasm:')
  return at >= 0 && caller === paying && !paying.file.includes('/node_modules/')
}

function placeOf({ file }: Frame): { readonly room: string; readonly path: string } {
  const packaged = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(file)
  if (packaged) return { room: `package ${packaged[1]}`, path: `${packaged[1]}/${packaged[2]}` }
  const path = file.replace(/^.*\/out\/src\//, '').replace(/\.js$/, '.ts')
  const room = path.includes('/') ? path.slice(0, path.indexOf('/')) : 'agent'
  return { room, path }
}
