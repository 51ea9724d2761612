// HEALTHCHECK of the image: 0 while the agent turns over. By node:http, as loading fetch takes twice the CPU.
import { get } from 'node:http'

const url = process.env.LOGFERRY_LIVE_URL ?? 'http://127.0.0.1:9465/health/live'
get(url, { timeout: 4000 }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1))
  .on('error', () => process.exit(1))
  .on('timeout', () => process.exit(1))
