import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, together } from './grouped.ts'

const panic = `panic: runtime error: invalid memory address or nil pointer dereference [recovered]
	panic: again
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1b2c]

goroutine 1 [running]:
main.(*Shop).Checkout(0x0, {0xc000012345, 0x3})
	/app/shop.go:42 +0x1d
main.main.func1()
	/app/main.go:8 +0x2a
created by main.main in goroutine 1
	/app/main.go:7 +0x66

goroutine 18 [chan receive, 2 minutes]:
net/http.(*persistConn).readLoop(0xc0001)
	/usr/local/go/src/net/http/transport.go:2205 +0xd1
...additional frames elided...
exit status 2`

const deadlock = `fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive]:
main.main()
	/tmp/x.go:5 +0x2d`

const signal = `SIGQUIT: quit
PC=0x461a51 m=0 sigcode=0

goroutine 0 gp=0x55 m=0 mp=0x56 [idle]:
runtime.futex()
	/usr/local/go/src/runtime/sys_linux_amd64.s:557 +0x21

rax    0xca
rip    0x461a51
rflags 0x286`

const overflow = `runtime: goroutine stack exceeds 1000000000-byte limit
fatal error: stack overflow

runtime stack:
runtime.throw({0x47?, 0x0?})
	/usr/local/go/src/runtime/panic.go:1077 +0x5c

goroutine 1 [running]:
main.f(...)
	/tmp/x.go:3`

const served = `2026/01/20 10:00:00 http: panic serving 10.0.0.1:4711: boom
goroutine 20 [running]:
net/http.(*conn).serve.func1()
	/usr/local/go/src/net/http/server.go:1868 +0xb9
panic({0x1, 0x2})
	/usr/local/go/src/runtime/panic.go:920 +0x270`

test('Go: panics and fatal errors are one event with all goroutines, and the lines around them stay apart', () => {
  const line = '2026/01/20 10:00:01 listening on :8080'
  const events = [line, panic, line, deadlock, line, signal, overflow, line, served, line]
  assert.deepEqual(together('go', events), events)
})

test('Go: a panic is no part of the line before it, and two are two', () => {
  const events = ['listening', 'panic: a', 'panic: b', 'main.x(1)', '\tindented']
  assert.deepEqual(grouped('go', events.join('\n')), events)
})
