package bridge

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run runs a script on stage 3 and returns what it printed on both outputs and
// what Run returned.
func run(t *testing.T, ctx context.Context, source string) (e *Engine, stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	script, err := goja.Compile("a.js", source, false)
	require.NoError(t, err)
	e = New(event.New(), &out, &errs)
	err = e.Run(ctx, script)
	return e, out.String(), errs.String(), err
}

// The delays are right to the millisecond: in the bubble nothing is ever late.
func TestDelays(t *testing.T) {
	for argument, want := range map[string]time.Duration{
		"0": 0, "1": time.Millisecond, "1.9": time.Millisecond, "3600000": time.Hour, "'25'": 25 * time.Millisecond,
		"NaN": 0, "-5": 0, "undefined": 0, "null": 0, "'x'": 0, "{}": 0, "true": time.Millisecond, "[[7]]": 7 * time.Millisecond,
		"{ valueOf() { return 8 } }": 8 * time.Millisecond,
		"2**31 - 1":                  (1<<31 - 1) * time.Millisecond,
		"2**31":                      0, "2**32": 0, "2**32 + 9": 9 * time.Millisecond, "-(2**32) + 9": 9 * time.Millisecond,
		"1e300": 0, "Infinity": 0, "-Infinity": 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			_, out, _, err := run(t, t.Context(), "setTimeout(() => console.log('fired'), "+argument+")")
			assert.NoError(t, err, argument)
			assert.Equal(t, "fired\n", out, argument)
			assert.Equal(t, want, time.Since(start), argument)
		})
	}
}

// An interval's next delay begins when its callback ends.
func TestInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		e, out, _, err := run(t, t.Context(), `
			let n = 0
			const id = setInterval(() => { console.log(++n); if (n === 4) clearInterval(id) }, 60000)`)
		assert.NoError(t, err)
		assert.Equal(t, "1\n2\n3\n4\n", out)
		assert.Equal(t, 4*time.Minute, time.Since(start))
		assert.Empty(t, e.active)
	})
}

// A cleared timer does not keep the program running, and leaves nothing behind.
func TestClearedDoesNotKeepTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		e, out, _, err := run(t, t.Context(), `
			const ids = [setTimeout(() => console.log('never'), 1e9), setInterval(() => console.log('never'), 1e9)]
			setTimeout(() => ids.forEach(clearTimeout), 1000)
			clearImmediate(setImmediate(() => console.log('never')))`)
		assert.NoError(t, err)
		assert.Empty(t, out)
		assert.Equal(t, time.Second, time.Since(start))
		assert.Empty(t, e.active)
	})
}

// An error ends the program at once, with its stack, and neither microtasks
// nor timers that wait still run.
func TestUncaught(t *testing.T) {
	for _, c := range []struct{ name, source, out, err string }{
		{"Script", "queueMicrotask(() => console.log('never'))\nfunction f() { throw new TypeError('bad') }\nf()", "",
			"Uncaught TypeError: bad\n    at f (a.js:2:22)\n    at a.js:3:2"},
		{"Timer", "setTimeout(() => { queueMicrotask(() => console.log('never')); throw 1 }); setTimeout(() => console.log('never'))", "", "Uncaught 1"},
		{"Microtask", "queueMicrotask(() => { throw null }); queueMicrotask(() => console.log('never'))", "", "Uncaught null"},
		{"MicrotaskOfAPromise", "queueMicrotask(() => { throw 'x' }); Promise.resolve().then(() => console.log('never'))", "", "Uncaught x"},
		{"Immediate", "setImmediate(() => { throw { a: 1 } }); setImmediate(() => console.log('never'))", "", `Uncaught {"a":1}`},
		{"String", "setTimeout('no script'); setTimeout(() => console.log('never'))", "", "Uncaught SyntaxError"},
		{"NoHandler", "setTimeout()", "", "Uncaught TypeError: there is no callback\n    at a.js:1:11"},
		{"Rejection", "Promise.reject(7); queueMicrotask(() => console.log('still')); setTimeout(() => console.log('never'))", "still\n", "Uncaught (in promise) 7"},
		{"TwoRejections", "Promise.reject(1); Promise.reject(2)", "", "Uncaught (in promise) 1"},
		{"Await", "(async () => { await 0; throw new Error('late') })()", "", "Uncaught (in promise) Error: late\n    at a.js:1:31"},
		{"HandledTooLate", "const p = Promise.reject(3); setTimeout(() => p.catch(() => console.log('never')))", "", "Uncaught (in promise) 3"},
		{"Unprintable", "throw { toJSON() { throw 1 }, toString() { throw 2 } }", "", "Uncaught an object that throws when it is printed"},
		{"UnprintableRejection", "Promise.reject({ toJSON() { throw 1 }, toString() { throw 2 } })", "", "Uncaught (in promise) an object that throws when it is printed"},
		{"NoStack", "const e = new Error('x'); delete e.stack; throw e", "", "Uncaught Error: x"},
		{"StackThatThrows", "throw Object.defineProperty(new Error('x'), 'stack', { get() { throw 1 } })", "", "Uncaught an object that throws when it is printed"},
		{"RecursionBeforeRejection", "Promise.reject(1); (function f() { f() })()", "", "Uncaught RangeError: the stack is full" + strings.Repeat("\n    at f (a.js:1:37)", 10)},
		{"Recursion", "function f() { f() }\ntry { f() } catch { console.log('never') }", "", "Uncaught RangeError: the stack is full\n    at f (a.js:1:17)" + strings.Repeat("\n    at f (a.js:1:17)", 9)},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, out, errs, err := run(t, t.Context(), c.source)
				assert.Equal(t, c.out, out)
				assert.Empty(t, errs, "Run returns the error and prints nothing")
				var failed *Error
				require.ErrorAs(t, err, &failed)
				if c.name == "String" { // where in the string the error is, is goja's to say
					assert.Contains(t, failed.Error(), c.err)
				} else {
					assert.Equal(t, c.err, failed.Error())
				}
			})
		})
	}
}

// A rejection counts for nothing if it is handled before the microtasks end.
func TestHandledInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, out, _, err := run(t, t.Context(), `
			const p = Promise.reject(3), q = Promise.reject(4)
			p.catch(() => console.log('p'))
			queueMicrotask(() => queueMicrotask(() => q.catch(() => console.log('q'))))`)
		assert.NoError(t, err)
		assert.Equal(t, "p\nq\n", out)
	})
}

// Rejecting n promises and then handling them takes n steps, not n².
func TestManyHandledInTime(t *testing.T) {
	took := func(n int) time.Duration {
		e := New(event.New(), io.Discard, io.Discard)
		promises := make([]*goja.Promise, n)
		for i := range promises {
			promises[i], _, _ = e.vm.NewPromise()
		}
		begin := time.Now()
		for _, p := range promises {
			e.track(p, goja.PromiseRejectionReject)
		}
		for _, p := range promises {
			e.track(p, goja.PromiseRejectionHandle)
		}
		return time.Since(begin)
	}
	// A busy machine may stretch one attempt, but hardly each of twenty.
	for range 20 {
		if took(16_000) < 64*took(1_000) {
			return
		}
	}
	t.Error("16 times the promises took more than 64 times as long, 20 times")
}

// When ctx is done the program ends, whatever it is doing. That is no success,
// even if nothing is pending, and nothing else is reported.
func TestInterrupted(t *testing.T) {
	enough := errors.New("enough")
	for name, source := range map[string]string{
		"Waiting":        "console.log('begins'); setTimeout(() => console.log('never'), 1e9)",
		"InAScript":      "console.log('begins'); for (;;);",
		"InATimer":       "console.log('begins'); setTimeout(() => { for (;;); })",
		"InAMicrotask":   "console.log('begins'); queueMicrotask(() => { for (;;); })",
		"ManyMicrotasks": "console.log('begins'); (function f() { Promise.resolve().then(f) })()",
		"AfterRejecting": "Promise.reject(1); console.log('begins'); for (;;);",
		"ItCannotCatch":  "console.log('begins'); try { for (;;); } catch { console.log('never') } finally { console.log('never') }",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			script, err := goja.Compile("a.js", source, false)
			require.NoError(t, err)
			begun := &signal{words: make(chan string, 1)}
			ended := make(chan error, 1)
			go func() { ended <- New(event.New(), begun, begun).Run(ctx, script) }()
			assert.Equal(t, "begins\n", <-begun.words)
			cancel(enough)
			assert.Equal(t, enough, <-ended)
			assert.Empty(t, begun.words)
		})
	}
}

// A signal passes on what is written to it.
type signal struct{ words chan string }

func (s *signal) Write(p []byte) (int, error) {
	s.words <- string(p)
	return len(p), nil
}

func TestConsole(t *testing.T) {
	for arguments, want := range map[string]string{
		"": "", "'a', 1, true": "a 1 true", "undefined, null, NaN": "undefined null NaN", "10n, 1e21, 0.1": "10 1e+21 0.1",
		"[1, 'a', { b: 2 }]": `[1,"a",{"b":2}]`, "x => x": "x => x", "Symbol('s')": "Symbol(s)",
		"new RangeError('far')":                         "RangeError: far\n    at a.js:1:15",
		"(() => { const o = {}; o.o = o; return o })()": "[object Object]",

		// What Node.js prints as well is in scripts/formats.js.
		"'%s %s %s', [1, 2], {}, Symbol('s')":                    "1,2 [object Object] Symbol(s)",
		"'%s', { toString() { return 'its own' } }":              "its own",
		"'%d %d %d %d', 1.9, '42abc', -10n, '0x10'":              "1 42 -10 0",
		"'%i %i %i %i', ' +7', '', Symbol('7'), 1e21":            "7 NaN NaN 1",
		"'%f %f %f %f', '-.5e1x', '5.', 'Infinity', '1e999'":     "-5 5 Infinity Infinity",
		"'%d', '1000000000000000000000'":                         "1e+21",
		"'%o and %O', { a: [1] }, ['b']":                         `{"a":[1]} and ["b"]`,
		"'%o', { toJSON() { throw 1 }, toString() { throw 2 } }": "an object that throws when it is printed",
		"(() => { try { console.log('%s', { toString() { throw 'no' } }) } catch (e) { return 'caught ' + e } })()": "caught no",
		"'%c%s%c', 'color: red', 'a', ''": "a",
		"'%%%s%%', 1":                     "%1%", "'%', 1": "% 1", "'%S', 1": "%S 1", "new String('%s'), 1": `"%s" 1`,
	} {
		_, out, errs, err := run(t, t.Context(), "console.error("+arguments+")")
		assert.NoError(t, err)
		assert.Empty(t, out)
		assert.Equal(t, want+"\n", errs, arguments)
	}
}

// A function of the bridge may be a microtask itself: those after it wait for it.
func TestPrintAsAMicrotask(t *testing.T) {
	_, out, _, err := run(t, t.Context(), `
		Promise.resolve(['a']).then(console.log)
		Promise.resolve().then(() => { console.log('b'); queueMicrotask(() => console.log('d')) })
		Promise.resolve({ toJSON() { queueMicrotask(() => console.log('e')); return 'c' } }).then(console.log)`)
	assert.NoError(t, err)
	assert.Equal(t, "[\"a\"]\nb\n\"c\"\nd\ne\n", out)
}

// The program may replace any function: the bridge has kept its own.
func TestReplacedByTheProgram(t *testing.T) {
	_, out, _, err := run(t, t.Context(), `
		Reflect.apply = Promise.prototype.then = globalThis.eval = Function.prototype.call = Function.prototype.apply = null
		Array.prototype[Symbol.iterator] = null
		globalThis.Promise = globalThis.Reflect = null
		setTimeout(console.log, 0, 'timer')
		setTimeout("console.log('string')", 0)
		queueMicrotask(() => console.log('microtask'))`)
	assert.NoError(t, err)
	assert.Equal(t, "microtask\ntimer\nstring\n", out)
}
