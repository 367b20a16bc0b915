// Package bridge runs JavaScript on an event loop of this project.
//
// The language comes from goja, an interpreter written in Go. It has no
// setTimeout: JavaScript itself has none. Whoever embeds the language brings
// the loop, be it a browser, Node.js or this file. So here is, from top to
// bottom, what each promise to a JavaScript programmer becomes:
//
//	setTimeout(f, ms)         Loop.SetTimeout
//	clearTimeout(id)          Timer.Stop
//	setInterval(f, ms)        Loop.SetTimeout, and once more after each callback
//	setImmediate(f)           Loop.CallSoon
//	queueMicrotask, then,     nothing in the loop: the language has a queue of
//	async and await           its own for these, empty again before a callback ends
//	an error nobody catches   Run's context is cancelled; Run returns the error
//	the end of the program    when nothing is pending, Run's context is cancelled
package bridge

import (
	"container/list"
	"context"
	"errors"
	"io"
	"time"

	"github.com/dop251/goja"

	"example.com/eventloop"
)

// An Engine is JavaScript on a loop. Make one with [New].
//
// All of it happens in callbacks of that loop, and so one thing at a time: an
// Engine needs no lock.
type Engine struct {
	// Uncaught is told of what no JavaScript has caught, and reports whether
	// that was dealt with. If it was not, or Uncaught is nil, the program ends.
	Uncaught func(reason goja.Value) bool

	// VM is the interpreter, to be used before Run and in its callbacks.
	VM *goja.Runtime

	loop    eventloop.Loop
	guarded goja.Callable
	end     context.CancelCauseFunc
	last    int64                     // the id given last
	active  map[int64]eventloop.Timer // by id, all that is pending: HTML's map of active timers

	rejected *list.List                      // the promises that have no handler yet, in the order of their rejections
	place    map[*goja.Promise]*list.Element // where each of them is in the list
}

// An immediate stands among the active timers, but the loop has none for it. It
// is stopped by being active no longer.
type immediate struct{}

func (immediate) Stop() bool { return true }

// guard calls a handler, or evaluates it if it is a string. It has to be
// JavaScript. When the outermost call from Go returns, the microtasks run, and
// only then does Go see an error. Caught in here, it is reported first.
//
// What is used here is looked up once: the program may replace its own later.
const guard = `(report => {
	const { apply } = Reflect, evaluate = eval
	const done = Promise.resolve(), { then } = done

	const guarded = (handler, self, args, after) => {
		try {
			typeof handler === 'function' ? apply(handler, self, args) : evaluate(handler)
		} catch (error) {
			report(error)
		}
		after()
	}
	globalThis.queueMicrotask = callback => {
		if (typeof callback !== 'function') throw new TypeError('queueMicrotask: the callback is not a function')
		apply(then, done, [() => guarded(callback, undefined, [], () => {})])
	}
	return guarded
})`

// New returns an engine on loop, with console.log going to stdout and
// console.error to stderr. The loop must not be running.
func New(loop eventloop.Loop, stdout, stderr io.Writer) *Engine {
	e := &Engine{
		VM:       goja.New(),
		loop:     loop,
		active:   make(map[int64]eventloop.Timer),
		rejected: list.New(),
		place:    make(map[*goja.Promise]*list.Element),
	}
	e.VM.SetMaxCallStackSize(10_000) // without a bound, endless recursion takes all memory
	e.VM.SetPromiseRejectionTracker(e.track)

	prepare, _ := goja.AssertFunction(must(e.VM.RunScript("bridge", guard)))
	report := func(reason goja.Value) { e.report("Uncaught", reason) }
	e.guarded, _ = goja.AssertFunction(must(prepare(nil, e.VM.ToValue(report))))

	for name, f := range map[string]func(goja.FunctionCall) goja.Value{
		"setTimeout":     func(call goja.FunctionCall) goja.Value { return e.setTimer(call, false) },
		"setInterval":    func(call goja.FunctionCall) goja.Value { return e.setTimer(call, true) },
		"setImmediate":   e.setImmediate,
		"clearTimeout":   e.clear,
		"clearInterval":  e.clear,
		"clearImmediate": e.clear,
	} {
		e.VM.Set(name, f)
	}
	console := e.VM.NewObject()
	console.Set("log", e.print(stdout))
	console.Set("error", e.print(stderr))
	e.VM.Set("console", console)
	return e
}

// must is for guard, which is a constant.
func must(value goja.Value, err error) goja.Value {
	if err != nil {
		panic(err)
	}
	return value
}

// setTimer is setTimeout and setInterval. A delay is cut as HTML says, to a
// whole number of 32 bits. A negative one is zero, for the loop as for HTML.
func (e *Engine) setTimer(call goja.FunctionCall, repeat bool) goja.Value {
	handler, args := e.handler(call), rest(call, 2)
	delay := time.Duration(int32(call.Argument(1).ToInteger())) * time.Millisecond

	e.last++
	id := e.last
	var fire func()
	set := func() { e.active[id] = e.loop.SetTimeout(delay, fire) }
	fire = func() {
		e.turn(handler, args, func() {
			if repeat && e.active[id] != nil { // its own callback may have cleared it
				set()
			} else {
				delete(e.active, id)
			}
		})
	}
	set()
	return e.VM.ToValue(id)
}

func (e *Engine) setImmediate(call goja.FunctionCall) goja.Value {
	handler, args := e.handler(call), rest(call, 1)
	e.last++
	id := e.last
	e.active[id] = immediate{}
	e.loop.CallSoon(func() {
		if e.active[id] != nil {
			e.turn(handler, args, func() { delete(e.active, id) })
		}
	})
	return e.VM.ToValue(id)
}

// clear is clearTimeout, clearInterval and clearImmediate: they share their ids.
func (e *Engine) clear(call goja.FunctionCall) goja.Value {
	id := int64(int32(call.Argument(0).ToInteger()))
	if timer := e.active[id]; timer != nil {
		timer.Stop()
		delete(e.active, id)
	}
	return goja.Undefined()
}

// handler is the first argument, a function or else a string to be evaluated.
func (e *Engine) handler(call goja.FunctionCall) goja.Value {
	if len(call.Arguments) == 0 {
		panic(e.VM.NewTypeError("there is no callback"))
	}
	if _, ok := goja.AssertFunction(call.Arguments[0]); ok {
		return call.Arguments[0]
	}
	return call.Arguments[0].ToString()
}

// rest is what follows the first n arguments: the callback gets it.
func rest(call goja.FunctionCall, n int) []any {
	var args []any
	for _, arg := range call.Arguments[min(n, len(call.Arguments)):] {
		args = append(args, arg)
	}
	return args
}

// Run runs script, and all that it sets in motion, until nothing is pending,
// or an error is caught by nobody (an *[Error]), or ctx is done (its cause). An
// Engine runs one script in its life.
func (e *Engine) Run(ctx context.Context, script *goja.Program) error {
	ctx, e.end = context.WithCancelCause(ctx)
	defer e.end(nil)
	defer context.AfterFunc(ctx, func() { e.VM.Interrupt("the end") })()

	main := func(goja.FunctionCall) goja.Value {
		value, err := e.VM.RunProgram(script)
		if err != nil {
			panic(err) // goes on as a JavaScript exception
		}
		return value
	}
	e.loop.CallSoon(func() { e.turn(e.VM.ToValue(main), nil, func() {}) })

	if err := e.loop.Run(ctx); !errors.Is(err, errDone) {
		return err
	}
	return nil
}

var errDone = errors.New("nothing is pending")

// turn is one callback of the loop: the handler, then after, then all
// microtasks and those that they add. Then it is seen whether a promise was
// rejected in vain, and whether anything is pending.
//
// That is all there is to where microtasks live: between two callbacks. The
// loop never hears of them, and while they go on, no timer runs.
func (e *Engine) turn(handler goja.Value, args []any, after func()) {
	_, err := e.guarded(nil, handler, e.VM.GlobalObject(), e.VM.NewArray(args...), e.VM.ToValue(after))
	if overflow := (*goja.StackOverflowError)(nil); errors.As(err, &overflow) { // no JavaScript can catch it
		e.end(&Error{"Uncaught RangeError: the stack is full" + shortened("\n"+overflow.String())})
	}
	if err != nil { // that, or it was interrupted: it has ended
		return
	}
	e.reportRejected()
	if len(e.active) == 0 {
		e.end(errDone)
	}
}

// track keeps the promises that are rejected and have no handler. They may get
// one until all microtasks have run. Each step takes the same time, no matter
// how many promises there are.
func (e *Engine) track(p *goja.Promise, operation goja.PromiseRejectionOperation) {
	if operation == goja.PromiseRejectionReject {
		e.place[p] = e.rejected.PushBack(p)
	} else if at := e.place[p]; at != nil {
		e.rejected.Remove(at)
		delete(e.place, p)
	}
}

// reportRejected reports the promises that are still without a handler.
func (e *Engine) reportRejected() {
	for e.rejected.Len() > 0 {
		p := e.rejected.Front().Value.(*goja.Promise)
		e.track(p, goja.PromiseRejectionHandle)
		e.report("Uncaught (in promise)", p.Result())
	}
}

// An Error is what a program did not catch: a line, and the stack if there is
// one.
type Error struct{ text string }

func (e *Error) Error() string { return e.text }

// report ends the program, unless Uncaught sees to it. Microtasks that still
// wait are dropped, as in Node.js: that is what an interrupt does.
func (e *Engine) report(how string, reason goja.Value) {
	if e.Uncaught != nil && e.Uncaught(reason) {
		return
	}
	e.end(&Error{how + " " + e.text(reason)})
	e.VM.Interrupt("the end")
}
