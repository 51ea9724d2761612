import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, together } from './grouped.ts'

const chained = `2026-01-20 10:00:00,123 - shop - ERROR - checkout failed
Traceback (most recent call last):
  File "/app/db.py", line 10, in load
    return self.cache[key]
           ~~~~~~~~~~^^^^^
KeyError: 'u-17'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/shop.py", line 42, in checkout
    raise Missing(key) from None
  [Previous line repeated 996 more times]
shop.errors.Missing: u-17

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    main()
RuntimeError: gave up`

const group = `  + Exception Group Traceback (most recent call last):
  |   File "x.py", line 9, in <module>
  |     raise ExceptionGroup("two", [ValueError(1)])
  | ExceptionGroup: two (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +------------------------------------`

const pydantic = `Traceback (most recent call last):
  File "m.py", line 1, in <module>
pydantic.ValidationError: 1 validation error for X
  field required (type=value_error.missing)`

const asyncio = `ERROR:asyncio:Task exception was never retrieved
future: <Task finished name='Task-2' coro=<f() done> exception=ValueError()>
Traceback (most recent call last):
  File "a.py", line 2, in f
    raise ValueError
ValueError`

const logging = `--- Logging error ---
Traceback (most recent call last):
  File "/usr/lib/python3.12/logging/__init__.py", line 1160, in emit
    msg = self.format(record)
TypeError: not all arguments converted during string formatting
Call stack:
  File "x.py", line 3, in <module>
    logging.error("a", 1)
Message: 'a'
Arguments: (1,)`

const syntax = `  File "x.py", line 1
    foo(
       ^
SyntaxError: '(' was never closed`

test('Python: chained tracebacks are one event with their log line, and the lines around it stay apart', () => {
  const line = '2026-01-20 10:00:01,000 - shop - INFO - next'
  const events = [line, chained, line, asyncio, line, logging, line]
  assert.deepEqual(together('python', events), events)
})

test('Python: exception groups, messages of several lines and syntax errors', () => {
  for (const event of [pydantic, syntax, `ERROR boom\n${group}`])
    assert.deepEqual(grouped('python', `${event}\nINFO next`), [event, 'INFO next'])
})

test('Python: two tracebacks without a sentence between them are two events', () => {
  assert.deepEqual(together('python', [pydantic, pydantic]), [pydantic, pydantic])
})

test('Python: ordinary lines that look like an exception stay apart', () => {
  const lines = ['INFO: a', 'ValueError: b', '  indented', 'Message: c']
  assert.deepEqual(together('python', lines), lines)
})
