/** Types of the contract that later versions bring. */
export const laterTypes = {
  source: ['journald', 'syslog', 'http'],
  sink: [],
} as const satisfies Record<string, readonly string[]>
