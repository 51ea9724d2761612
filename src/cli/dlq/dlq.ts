import { commandFamily } from '../command-family.ts'
import { dlqLs } from './ls.ts'
import { dlqPurge } from './purge.ts'
import { dlqReplay } from './replay.ts'
import { dlqShow } from './show.ts'

export const dlq = commandFamily({
  name: 'dlq',
  summary:
    'The dead letters: events that a sink refused for good, by reason and one by one; sent again, or deleted.',
  members: [dlqLs, dlqShow, dlqReplay, dlqPurge],
})
