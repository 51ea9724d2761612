import { createReadStream, readFileSync, readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import split2 from 'split2'
import { formats } from '../formats/formats.ts'
import type { LogFormat } from '../formats/log-format.ts'
import type { NaiveJob } from './naive-job.ts'
import { NaiveSender } from './naive-sender.ts'

/**
 * The pipeline that anyone writes first: split2, JSON.parse or a RegExp, a spread, JSON.stringify, undici. One file after
 * the other, to the end.
 *   node out/bench/pipelines/naive-program.js JOB.json
 */
const job: NaiveJob = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
const formatByName: Readonly<Record<string, LogFormat>> = formats
const format = formatByName[job.format]!
const senders = job.targets.map((target) => new NaiveSender(target, job.labels))
const host = hostname()

const files = readdirSync(job.folder).filter((name) => name.endsWith('.log'))
for (const file of files) await shipFile(join(job.folder, file))
for (const sender of senders) await sender.close()

async function shipFile(path: string): Promise<void> {
  const parse = format.naiveParser()
  for await (const line of createReadStream(path).pipe(split2())) {
    const parsed = parse(line)
    if (!parsed) continue
    const event = {
      ...parsed,
      '@timestamp': parsed['time'],
      'host.name': host,
      'log.file.path': path,
      'log.level': parsed['level'],
    }
    for (const sender of senders) {
      if (sender.add(event)) await sender.flush()
    }
  }
}
