import { limits } from '../../core/limits.ts'
import type { BatchLimits } from '../../sinks/sink.ts'

/** A replay's requests are as the sink's, but small: what is new never waits long behind one. */
export const smallRequests = ({ maxBytes, maxEvents, maxWaitMs }: BatchLimits): BatchLimits => ({
  maxBytes: Math.min(maxBytes, limits.replayBatchBytes),
  maxEvents: Math.min(maxEvents, limits.replayBatchEvents),
  maxWaitMs,
})
