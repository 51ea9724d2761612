import { commandFamily } from '../command-family.ts'
import { bufferCat } from './cat.ts'
import { bufferLs } from './ls.ts'
import { bufferVerify } from './verify.ts'

export const buffer = commandFamily({
  name: 'buffer',
  summary: 'The disk buffer: its segments and cursors, the events in it, and whether it is damaged.',
  members: [bufferLs, bufferCat, bufferVerify],
})
