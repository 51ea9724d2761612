import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 optimise JavaScript only where it runs for long. Where the kernel does the lines, JavaScript runs once for a block: by
 * V8's own measure 290 functions of the agent are hot enough for its optimising compiler all the same, which took 0.7 CPU s
 * of the first gigabyte, and gained less than it cost (1 GB of JSON to Elasticsearch, two interleaved runs: 9.4 and 8.0 without, 7.6 and
 * 6.9 with it). The general lane needs the compiler soon: it took 6 to 10 % longer for 0.3 GB.
 *
 * Node 20 alone: on 24 it gained nothing, and later versions of V8 say on standard error that they know no such flag.
 */
export function optimiseLate(nodeVersion: string = process.versions.node): void {
  if (nodeVersion.startsWith('20.')) setFlagsFromString('--interrupt-budget=2000000')
}
