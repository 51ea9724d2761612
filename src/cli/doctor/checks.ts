import { clockCheck } from './checks/clock.ts'
import { configFileCheck } from './checks/config-file.ts'
import { dataDirCheck } from './checks/data-dir.ts'
import { descriptorsCheck } from './checks/descriptors.ts'
import { clusterCheck } from './checks/elasticsearch/cluster.ts'
import { indicesCheck } from './checks/elasticsearch/indices.ts'
import { privilegesCheck } from './checks/elasticsearch/privileges.ts'
import { fileSystemsCheck } from './checks/file-systems.ts'
import { includesCheck } from './checks/includes.ts'
import { inotifyCheck } from './checks/inotify.ts'
import { journaldCheck } from './checks/journald.ts'
import { logrotateCheck } from './checks/logrotate.ts'
import { lokiLimitsCheck } from './checks/loki/limits.ts'
import { loopsCheck } from './checks/loops.ts'
import { memoryCheck } from './checks/memory.ts'
import { reachCheck } from './checks/reach.ts'
import { serviceCheck } from './checks/service.ts'
import { unreadableCheck } from './checks/unreadable.ts'
import { vanishingCheck } from './checks/vanishing.ts'
import type { Check } from './subject.ts'

/** THE list, in the order in which people are told: a check that is not here is not made. */
export const checks: readonly Check[] = [
  configFileCheck,
  serviceCheck,
  includesCheck,
  unreadableCheck,
  fileSystemsCheck,
  logrotateCheck,
  vanishingCheck,
  journaldCheck,
  loopsCheck,
  inotifyCheck,
  descriptorsCheck,
  memoryCheck,
  dataDirCheck,
  reachCheck,
  clockCheck,
  clusterCheck,
  indicesCheck,
  privilegesCheck,
  lokiLimitsCheck,
]
