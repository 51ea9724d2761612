import api from 'undici/lib/api/index.js'
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'
import Pool from 'undici/lib/dispatcher/pool.js'
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js'

/**
 * undici without `fetch`, WebSocket, caches and mocks, which its index loads whether or not somebody asks for them: 35 files
 * instead of 110, 30 ms of CPU at the start instead of 120, and 8 MB less. What its index does beside that is the next line.
 */
Object.assign(Dispatcher.prototype, api)

export { Pool, ProxyAgent }
