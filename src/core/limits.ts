/** Every hard bound of the agent that no config key sets, each with its reason. Sizes in bytes, times in ms. */
export const limits = {
  /**
   * One read of a file, and so one record. Each costs the same whatever it brings (promises, turns of the event loop, a
   * checkpoint): JSON to Elasticsearch took 7.9 CPU s/GB with 256 KiB, 7.0 with 512 KiB, 6.9 with 1 MiB and 10 MB more of RSS.
   */
  readBytes: 512 * 1024,
  /** Of a file with less to read the turn may be a plain one, together with those of others (`reading/round.ts`). */
  promptReadBytes: 16 * 1024,
  /** What a file must still hold right before the offset to be the same generation; each read compares it. */
  markBytes: 64,
  /** How much of a file's head takes part in its identity. */
  headBytes: 4096,
  /** A last line without newline is sent after so long without growth. */
  partialLineMs: 5_000,
  /** How long the rest of a split line may take to come. Runtimes write both parts at once; a crash never writes the rest. */
  fragmentWaitMs: 3_000,
  /** Lines of unfinished multilines, all files of a source together; above it events end early, flagged `truncated`. */
  heldLineBytes: 64 * 1024 ** 2,
  /** `auto` decides on what is there after this, or on this many lines. */
  autoWaitMs: 1_000,
  autoLines: 20,
  /** Keys of lines, those in their objects, and values of levels, that the kernel remembers the meaning of; beyond it begins anew. */
  memoKeys: 4_096,
  memoNestedKeys: 1_024,
  memoLevels: 256,
  /** Kinds of files of one source (wrapper, preset, which labels of a pod): 60 KB each, and tables of the kernel. */
  kindsOfFiles: 128,
  /** Names in the steps of a source that takes the fast lane: each comparison has a memo of 16 KiB. */
  kernelStepNames: 64,
  /** Keys that these look for: each has a number of one byte (`kernel/wasm/step-layout.ts`). */
  kernelStepKeys: 254,
  /** How much of the buffer may be handed out past a cursor: bounds memory and the bitmaps of a cursor. */
  openPastCursorBytes: 64 * 1024 ** 2,
  /** A sector of the buffer that the disk cannot read is tried again for so long; then it is damage, and read around. */
  unreadableMs: 30_000,
  /** A start waits for broken sectors so long in all: the service manager's patience (5 min) must not end before ours. */
  unreadableInAllMs: 60_000,
  /** What a disk cannot read is given up in pieces of this size, so that one bad sector costs one record. */
  sectorBytes: 4096,
  /** An event refused as retryable this often over this long, while others pass, is `stuck` and dead-lettered. */
  stuckAttempts: 10,
  stuckMs: 10 * 60_000,
  /** CPU time that a user's regex may take on one line where V8's own guard does not cover it. */
  regexMs: 50,
  /** A condition of a step: longer ones are programs, and each line pays for them. */
  conditionChars: 4_000,
  conditionNodes: 500,
  conditionDepth: 100,
  /** Lists in a line beyond this are not gone through by a condition: a hostile line must not cost a quadratic search. */
  conditionListItems: 1_000,
  /** Steps of one list. */
  steps: 100,
  /** An answer of a server is read up to here; more counts as a broken answer. */
  answerBytes: 8 * 1024 ** 2,
  /** Records that may wait for the sync of a new file before them; behind that reading waits too. Each is 2 KiB of memory. */
  hiddenRecords: 256,
  /** A server's text in dead letters, logs and status is cut here. */
  serverTextChars: 500,
  /** Generations that are gone and settled stay known this long, should the file come back (a restored backup, NFS). */
  goneGenerationMs: 24 * 3600_000,
  /** A 413 teaches a size; it is forgotten after this, should a proxy have been mended. */
  learnedSizeMs: 10 * 60_000,
  /** Retry-After above this is cut: a wrong clock at the server must not stop us for a day. */
  retryAfterMs: 5 * 60_000,
  /** Distinct values of an index name's fields per day; more go to `…-overflow`. */
  indexValuesPerDay: 100,
  /** Open batches of one sink, all partitions together; above either bound the oldest is closed early. */
  openBatches: 1_024,
  openBatchBytes: 4 * 1024 ** 2,
  /**
   * Read but unsettled batches of one sink: room for max_in_flight and one more; at least this much, which has to be more than
   * may be open, or reading stands still until the oldest is old enough. CRI to Loki: 16 (and 8 open) took 20 MiB more.
   */
  waitingBatchBytes: 8 * 1024 ** 2,
  /** A body above this that got no answer three times in a row is halved: some proxies cut what is too large for them. */
  lostAnswerSplitBytes: 1024 ** 2,
  lostAnswersBeforeSplit: 3,
  /** No size below this is learned from a 413: a server that refuses everything must not make batches of one. */
  learnedSizeFloorBytes: 4 * 1024,
  /** Ids of dead letters known again after a crash: what was settled since the last save of a cursor, with room. */
  deadLetterIds: 50_000,
  /** Dead letters written and synced at once. */
  deadLetterWriteBytes: 1024 ** 2,
  /** A line of a file of dead letters that is longer is no letter: what is looked at is held in memory whole. */
  letterLineBytes: 64 * 1024 ** 2,
  /** Kinds of dead letters that `dlq ls` tells apart: a field's name is the server's word for something of a line. */
  letterGroups: 1_000,
  /** Labels that can be asked for, and annotations: each is a field of every index. */
  kubernetesFields: 32,
  /** An annotation's value stands in every event of the pod: longer ones (`last-applied-configuration`) are left out. */
  annotationChars: 1_000,
  /** Pods that are remembered, those that are gone among them, and what is kept of them. A node has 500 at the most. */
  podsKept: 4_096,
  podsKeptBytes: 16 * 1024 ** 2,
  /** A pod that was deleted stays known for so long: its last lines, and its rotated files, are read late. */
  gonePodMs: 10 * 60_000,
  /** Pods in one answer of the API server, and one answer or event at the most: an object of etcd has 1.5 MiB. */
  podsInAnswer: 250,
  podAnswerBytes: 64 * 1024 ** 2,
  podEventBytes: 4 * 1024 ** 2,
  /** An API server that says nothing for so long is as good as gone; a watch may be silent, and is held open by TCP's keepalive. */
  apiSilenceMs: 30_000,
  /** The API server is asked to end a watch after 5 to 10 minutes, so that agents spread over its replicas. */
  watchSeconds: 300,
  /** Ceilings of the waits (full jitter) while the API server cannot be asked. */
  apiRetryMinMs: 1_000,
  apiRetryMaxMs: 60_000,
  /** A token or an authority's certificate; more is another file. */
  serviceAccountBytes: 256 * 1024,
  /** A replay's requests: small and one at a time, so that what is new never waits long behind one. */
  replayInFlight: 1,
  replayBatchBytes: 1024 ** 2,
  replayBatchEvents: 1_000,
  /** Records of which a replay holds events that are not answered: of each perhaps a single one is meant, and all is kept. */
  replayOpenBytes: 16 * 1024 ** 2,
  /** A replay waits while its sink is further behind with what is new: usual batches and syncs keep it below two seconds. */
  replayLagMs: 5_000,
  /** Letters refused anew whose reason is noted, of each file: they wait in memory until it is written anew. */
  refusedAnew: 10_000,
  /** What a command may ask over the control socket, in bytes. */
  askedBytes: 64 * 1024,
  /** Live tails at once: each looks at every record. */
  taps: 8,
  /** Events that a live tail shows in a second, and those that it looks at for its condition (10 µs each): the agent has other work. */
  tapEventsPerSecond: 1_000,
  tapLooksPerSecond: 5_000,
  /** What a live tail's reader has not taken; what comes meanwhile is left out, and counted. */
  tapUnreadBytes: 1024 ** 2,
  /** Live tails of pages, beside those of commands. */
  pageTaps: 4,
  /** What a page's live tail shows in a second: nobody reads more, and its browser has to draw each. */
  pageTapEventsPerSecond: 100,
  /** The status page draws the last five minutes: a moment each two seconds, which costs an idle agent next to nothing. */
  historyEveryMs: 2_000,
  historyMoments: 150,
  /** Sources and sinks with a history of their own, 10 KiB each at most. */
  historyNames: 64,
  /** Kinds of warnings and errors that are remembered for the page; the ones that were longest ago leave. */
  troubles: 50,
  /** Files that the page shows, those with the most to read first: 10,000 of them would be megabytes each two seconds. */
  pageFiles: 50,
  /** The page looks at the ends of files of dead letters, so much for each sink: a hundred letters or so, a few ms. */
  pageLetterBytes: 128 * 1024,
  /** Letters that it shows whole, and how much of an event. */
  pageLetters: 20,
  pageLettersOfKind: 3,
  pageLetterChars: 4_096,
  /** One look at the letters serves everybody who asks within this time. */
  pageLettersMs: 5_000,
  /** Lines of our own log that its reader has not taken (a manager that hangs); above this further ones are left out. */
  unreadLogBytes: 1024 ** 2,
} as const
