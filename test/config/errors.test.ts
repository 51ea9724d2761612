import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configFolder, headlines, minimal } from './config-file.ts'

/** Each kind of wrong config with the whole text that people are shown. */
const cases: readonly (readonly [what: string, config: string, text: string])[] = [
  [
    'an unknown key names the nearest known one',
    '{\n  "data_dri": "/x",\n  "sources": { "a": { "type": "stdin" } },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:2:3: data_dri: unknown key, did you mean "data_dir"?
    2 |   "data_dri": "…",
      |   ^^^^^^^^^^
1 error in agent.config.json`,
  ],
  [
    'an unknown key that is like no other lists what is known',
    '{\n  "log": { "colour": 1 },\n  "sources": { "a": { "type": "stdin" } },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:2:12: log.colour: unknown key, known here: level
    2 |   "log": { "colour": … },
      |            ^^^^^^^^
1 error in agent.config.json`,
  ],
  [
    'the type of a parser in an object names the nearest known one, as its bare name does',
    '{\n  "sources": { "a": { "type": "stdin", "parse": { "type": "regexp", "pattern": "x" } } },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:2:59: sources.a.parse.type: "type" must be one of auto, none, json, cri, docker, regex, logfmt, nginx, apache, python, syslog, klog, level_message (did you mean "regex"?)
    2 |   "sources": { "a": { "type": "stdin", "parse": { "type": "regexp", "pattern": "x" } } },
      |                                                           ^^^^^^^^
1 error in agent.config.json`,
  ],
  [
    'a wrong type says what was expected and what was found',
    '{\n  "data_dir": 5,\n  "sources": { "a": { "type": "stdin" } },\n  "sinks": { "c": { "type": "console", "max_in_flight": 1.5 } }\n}',
    `agent.config.json:2:15: data_dir: expected a string, found 5
    2 |   "data_dir": 5,
      |               ^
agent.config.json:4:57: sinks.c.max_in_flight: expected a whole number, found 1.5
    4 |   "sinks": { "c": { "type": "console", "max_in_flight": 1.5 } }
      |                                                         ^^^
2 errors in agent.config.json`,
  ],
  [
    'a missing key points at what it is missing in',
    '{\n  "sources": { "a": { "type": "file" } },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:2:16: sources.a.include: missing, expected a list
    2 |   "sources": { "a": { "type": "file" } },
      |                ^^^
1 error in agent.config.json`,
  ],
  [
    'a size, a duration and a choice say what they take',
    '{\n  "shutdown_timeout": "5 parsecs",\n  "buffer": { "max_bytes": "lots", "fsync": "sometimes" },\n  "log": { "level": "inof" },\n  "sources": { "a": { "type": "stdin" } },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:2:23: shutdown_timeout: expected a duration such as "500ms", "5s", "1m" or "7d", found "5 parsecs"
    2 |   "shutdown_timeout": "5 parsecs",
      |                       ^^^^^^^^^^^
agent.config.json:3:28: buffer.max_bytes: expected a size such as "5MiB", or bytes, found "lots"
    3 |   "buffer": { "max_bytes": "lots", "fsync": "sometimes" },
      |                            ^^^^^^
agent.config.json:3:45: buffer.fsync: expected "always", "never" or a duration such as "1s", found "sometimes"
    3 |   "buffer": { "max_bytes": "lots", "fsync": "sometimes" },
      |                                             ^^^^^^^^^^^
agent.config.json:4:21: log.level: expected one of "trace", "debug", "info", "warn", "error", "fatal", "silent" (did you mean "info"?), found "inof"
    4 |   "log": { "level": "inof" },
      |                     ^^^^^^
4 errors in agent.config.json`,
  ],
  [
    'a type that is missing, misspelt, of no text or for later is one clear error each',
    '{\n  "sources": {\n    "a": { "include": [] },\n    "b": { "type": "flie" },\n    "c": { "type": 1 },\n    "d": { "type": "journald", "units": [] }\n  },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:3:5: sources.a.type: missing, expected one of "file", "stdin"
    3 |     "a": { "include": [] },
      |     ^^^
agent.config.json:4:20: sources.b.type: unknown source type "flie", expected one of "file", "stdin" (did you mean "file"?)
    4 |     "b": { "type": "flie" },
      |                    ^^^^^^
agent.config.json:5:20: sources.c.type: expected one of "file", "stdin"
    5 |     "c": { "type": 1 },
      |                    ^
agent.config.json:6:20: sources.d.type: source type "journald" is not built yet, expected one of "file", "stdin"
    6 |     "d": { "type": "journald", "units": [] }
      |                    ^^^^^^^^^^
4 errors in agent.config.json`,
  ],
  [
    'labels are named whole and once, and the API server is asked behind TLS',
    '{\n  "enrich": { "kubernetes": {\n    "labels": ["a.b", "a_b", "app*"],\n    "label": [],\n    "url": "http://10.0.0.1"\n  } },\n  "sources": {\n    "a": { "type": "stdin" }\n  },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:3:23: enrich.kubernetes.labels[1]: "a.b" and "a_b" would be one field (dots become "_")
    3 |     "labels": ["a.b", "a_b", "app*"],
      |                       ^^^^^
agent.config.json:3:30: enrich.kubernetes.labels[2]: expected the whole name of a label, such as "app" or "app.kubernetes.io/name"; there are no wildcards, found "app*"
    3 |     "labels": ["a.b", "a_b", "app*"],
      |                              ^^^^^^
agent.config.json:4:5: enrich.kubernetes.label: unknown key, did you mean "labels"?
    4 |     "label": [],
      |     ^^^^^^^
agent.config.json:5:12: enrich.kubernetes.url: must begin with https:// (http:// only to loopback, for \`kubectl proxy\`)
    5 |     "url": "http://10.0.0.1"
      |            ^^^^^^^^^^^^^^^^^
4 errors in agent.config.json`,
  ],
  [
    'a multiline names one rule, and its pattern is checked; encodings are known by name',
    '{\n  "sources": {\n    "a": { "type": "stdin", "multiline": { "start": "^(a" }, "encoding": "gbkk" },\n    "b": { "type": "stdin", "sinks": ["c"], "multiline": { "max_lines": 1 } },\n    "c": { "type": "stdin", "multiline": "jva" },\n    "d": { "type": "stdin", "multiline": { "start": "a", "continue": "b" } },\n    "e": { "type": "stdin", "multiline": { "continu": "b" } }\n  },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:3:53: sources.a.multiline.start: is no regular expression: unterminated group at position 2
    3 |     "a": { "type": "stdin", "multiline": { "start": "^(a" }, "encoding": "gbkk" },
      |                                                     ^^^^^
agent.config.json:3:74: sources.a.encoding: unknown encoding "gbkk", did you mean "gbk"?
    3 |     "a": { "type": "stdin", "multiline": { "start": "^(a" }, "encoding": "gbkk" },
      |                                                                          ^^^^^^
agent.config.json:4:58: sources.b.multiline: needs "start", "continue" or "preset"
    4 |     "b": { "type": "stdin", "sinks": ["c"], "multiline": { "max_lines": 1 } },
      |                                                          ^
agent.config.json:4:73: sources.b.multiline.max_lines: must be at least 2, found 1
    4 |     "b": { "type": "stdin", "sinks": ["c"], "multiline": { "max_lines": 1 } },
      |                                                                         ^
agent.config.json:5:42: sources.c.multiline: expected "python", "java", "go", "node", "ruby", "dotnet" or an object (did you mean "java"?), found "jva"
    5 |     "c": { "type": "stdin", "multiline": "jva" },
      |                                          ^^^^^
agent.config.json:6:70: sources.d.multiline.continue: "start" and "continue" exclude each other
    6 |     "d": { "type": "stdin", "multiline": { "start": "a", "continue": "b" } },
      |                                                                      ^^^
agent.config.json:7:42: sources.e.multiline: needs "start", "continue" or "preset"
    7 |     "e": { "type": "stdin", "multiline": { "continu": "…" } }
      |                                          ^
agent.config.json:7:44: sources.e.multiline.continu: unknown key, did you mean "continue"?
    7 |     "e": { "type": "stdin", "multiline": { "continu": "…" } }
      |                                            ^^^^^^^^^
8 errors in agent.config.json`,
  ],
  [
    'names have an alphabet, and sinks that sources name have to exist',
    '{\n  "sources": { "My App": { "type": "stdin", "sinks": ["es", "scren"] } },\n  "sinks": { "screen": { "type": "console" } }\n}',
    `agent.config.json:2:16: sources["My App"]: a name may hold a-z, 0-9, "_" and "-" only
    2 |   "sources": { "My App": { "type": "stdin", "sinks": ["es", "scren"] } },
      |                ^^^^^^^^
agent.config.json:2:55: sources["My App"].sinks[0]: no sink has the name "es", there are: screen
    2 |   "sources": { "My App": { "type": "stdin", "sinks": ["es", "scren"] } },
      |                                                       ^^^^
agent.config.json:2:61: sources["My App"].sinks[1]: no sink has the name "scren", did you mean "screen"?
    2 |   "sources": { "My App": { "type": "stdin", "sinks": ["es", "scren"] } },
      |                                                             ^^^^^^^
3 errors in agent.config.json`,
  ],
  [
    'an empty config says what is missing',
    '{}',
    `agent.config.json:1:1: sources: no source is configured, there is nothing to read
    1 | {}
      | ^
agent.config.json:1:1: sinks: no sink is configured, there is nowhere to send to
    1 | {}
      | ^
2 errors in agent.config.json`,
  ],
  [
    'an empty file',
    ' \n',
    'agent.config.json: the file ends where a value is expected\n1 error in agent.config.json',
  ],
  [
    'something else than an object',
    '[]',
    `agent.config.json:1:1: expected an object: { "sources": …, "sinks": … }
    1 | []
      | ^
1 error in agent.config.json`,
  ],
  [
    'a missing comma',
    '{\n  "data_dir": "/x"\n  "sources": {}\n}',
    `agent.config.json:3:3: expected "," before this
    3 |   "sources": {}
      |   ^^^^^^^^^
1 error in agent.config.json`,
  ],
  [
    'single quotes',
    '{\n  "data_dir": \'/x\'\n}',
    `agent.config.json:2:15: strings stand in double quotes
    2 |   "data_dir": …
      |               ^
1 error in agent.config.json`,
  ],
  [
    'a string that is never closed',
    '{\n  "data_dir": "/x,\n  "log": {}\n}',
    `agent.config.json:2:15: the string is never closed
    2 |   "data_dir": "…"
      |               ^^^
1 error in agent.config.json`,
  ],
  [
    'a brace that is never closed',
    '{\n  "log": {\n',
    `agent.config.json:3:1: expected "}"
    3 | 
      | ^
1 error in agent.config.json`,
  ],
  [
    'a duplicate key, beside other errors',
    '{\n  "data_dir": "/a",\n  "data_dir": "/b",\n  "logs": {},\n  "sources": { "a": { "type": "stdin" } },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:3:3: duplicate key "data_dir"
    3 |   "data_dir": "/b",
      |   ^^^^^^^^^^
agent.config.json:4:3: logs: unknown key, did you mean "log"?
    4 |   "logs": {},
      |   ^^^^^^
2 errors in agent.config.json`,
  ],
  [
    '__proto__ is an unknown key like any other, also where any name is allowed',
    '{\n  "__proto__": { "data_dir": "/x" },\n  "enrich": { "fields": { "__proto__": "x" } },\n  "sources": { "a": { "type": "stdin" } },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:2:3: __proto__: unknown key
    2 |   "__proto__": { "data_dir": "…" },
      |   ^^^^^^^^^^^
agent.config.json:3:27: enrich.fields.__proto__: unknown key
    3 |   "enrich": { "fields": { "__proto__": "…" } },
      |                           ^^^^^^^^^^^
2 errors in agent.config.json`,
  ],
  [
    'a branch of a choice is told by its form',
    '{\n  "admin": { "listen": "somewhere", "tokn": 1 },\n  "enrich": { "host": { "nam": "x" } },\n  "sources": { "a": { "type": "stdin" } },\n  "sinks": { "c": { "type": "console" } }\n}',
    `agent.config.json:2:24: admin.listen: expected "host:port", such as "127.0.0.1:9465" or "[::1]:9465", found "somewhere"
    2 |   "admin": { "listen": "somewhere", "tokn": … },
      |                        ^^^^^^^^^^^
agent.config.json:2:37: admin.tokn: unknown key, did you mean "token"?
    2 |   "admin": { "listen": "somewhere", "tokn": … },
      |                                     ^^^^^^
agent.config.json:3:15: enrich.host.name: missing, expected a string
    3 |   "enrich": { "host": { "nam": "…" } },
      |               ^^^^^^
agent.config.json:3:25: enrich.host.nam: unknown key, did you mean "name"?
    3 |   "enrich": { "host": { "nam": "…" } },
      |                         ^^^^^
4 errors in agent.config.json`,
  ],
]

describe('what people are shown of a wrong config', () => {
  for (const [what, config, text] of cases) {
    it(what, async (test) => {
      const folder = await configFolder(test)
      assert.equal(await folder.complain(config), text)
    })
  }

  it('a file that is not there, is a folder, or is no text', async (test) => {
    const { folder, write } = await configFolder(test)
    const { readConfig } = await import('../../src/config/load.ts')
    const textOf = async (path: string): Promise<string> => {
      const result = await readConfig(path, {})
      return 'problems' in result ? result.text.replaceAll(folder, '') : ''
    }
    await write('binary.json', '')
    const { writeFile } = await import('node:fs/promises')
    await writeFile(`${folder}/binary.json`, Buffer.from([0x7b, 0xff, 0xfe]))
    assert.match(await textOf(`${folder}/none.json`), /^\/none\.json: cannot read the config: no such file\n/)
    assert.match(await textOf(folder), /cannot read the config: not a regular file\n/)
    assert.match(await textOf(`${folder}/binary.json`), /cannot read the config: not UTF-8 text\n/)
  })

  it('a config nested too deeply is refused instead of overflowing the stack', async (test) => {
    const { complain } = await configFolder(test)
    assert.match(await complain(`{"a":${'['.repeat(100_000)}`), /nested too deeply/)
  })

  it('a very long line is cut around what is wrong', async (test) => {
    const { complain } = await configFolder(test)
    const names = Array.from({ length: 50 }, (_, index) => `/var/log/app/number-${index}.log`)
    const config = minimal({ sources: { app: { type: 'file', include: names, exclud: [] } } })
    const text = await complain(JSON.stringify(config))
    const [, quoted = '', marks = ''] = text.split('\n')
    assert.ok(quoted.length < 120, quoted)
    assert.equal(quoted.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1), '"exclud"')
  })

  it('errors of different pieces come together, in the order of the file', async (test) => {
    const { complain } = await configFolder(test)
    const text = await complain({
      dataDir: '/x',
      sinks: { es: { type: 'elasticsearch', node: [] }, loki: { type: 'lokki' } },
      sources: { app: { type: 'file', include: 'x', sinks: ['none'] } },
    })
    assert.deepEqual(
      headlines(text).map((line) => line.replace(/^[^ ]+ /, '')),
      [
        'dataDir: unknown key, did you mean "data_dir"?',
        'sinks.es.nodes: missing, expected a list',
        'sinks.es.node: unknown key, did you mean "nodes"?',
        'sinks.loki.type: unknown sink type "lokki", expected one of "elasticsearch", "loki", "file", "console" (did you mean "loki"?)',
        'sources.app.include: expected a list, found "x"',
        'sources.app.sinks[0]: no sink has the name "none", there are: es, loki',
      ],
    )
  })
})
