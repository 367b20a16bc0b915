// Package bridge runs JavaScript on an event loop of this project.
//
// The language comes from goja, an interpreter written in Go. It has no
// setTimeout: JavaScript itself has none. The program that embeds the language
// brings the loop: a browser, Node.js, or this package. Here is what becomes of
// each thing that a JavaScript programmer knows:
//
//	setTimeout(f, ms)         Loop.SetTimeout
//	clearTimeout(id)          Timer.Stop
//	setInterval(f, ms)        Loop.SetTimeout, and once more after each callback
//	setImmediate(f)           Loop.CallSoon
//	queueMicrotask, then,     nothing in the loop: the language has its own queue
//	async and await           for these, and empties it before a callback ends
//	an uncaught error         Run's context is cancelled; Run returns the error
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
// Everything happens in callbacks of that loop, one at a time. So an Engine needs
// no lock.
type Engine struct {
	vm      *goja.Runtime // the interpreter
	loop    eventloop.Loop
	guarded goja.Callable
	end     context.CancelCauseFunc
	last    int64                     // the id given last
	active  map[int64]eventloop.Timer // by id, all that is pending: HTML's map of active timers

	rejected *list.List                      // promises without a handler, in the order of their rejections
	place    map[*goja.Promise]*list.Element // where each of them is in the list
}

// An immediate stands among the active timers, but it is no timer of the loop. It
// runs only if it is still active.
type immediate struct{}

func (immediate) Stop() bool { return true }

// guard calls a handler, or evaluates it if it is a string. It has to be
// JavaScript: when the outermost call from Go returns, the microtasks run before
// Go sees an error. Here the error is caught and reported first.
//
// It looks up the functions it uses once, because the program may replace them.
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
		vm:       goja.New(),
		loop:     loop,
		active:   make(map[int64]eventloop.Timer),
		rejected: list.New(),
		place:    make(map[*goja.Promise]*list.Element),
	}
	e.vm.SetMaxCallStackSize(10_000) // without a bound, endless recursion takes all memory
	e.vm.SetPromiseRejectionTracker(e.track)

	prepare, _ := goja.AssertFunction(must(e.vm.RunScript("bridge", guard)))
	report := func(reason goja.Value) { e.report("Uncaught", reason) }
	e.guarded, _ = goja.AssertFunction(must(prepare(nil, e.vm.ToValue(report))))

	for name, f := range map[string]func(goja.FunctionCall) goja.Value{
		"setTimeout":     func(call goja.FunctionCall) goja.Value { return e.setTimer(call, false) },
		"setInterval":    func(call goja.FunctionCall) goja.Value { return e.setTimer(call, true) },
		"setImmediate":   e.setImmediate,
		"clearTimeout":   e.clear,
		"clearInterval":  e.clear,
		"clearImmediate": e.clear,
	} {
		e.vm.Set(name, f)
	}
	console := e.vm.NewObject()
	console.Set("log", e.print(stdout))
	console.Set("error", e.print(stderr))
	e.vm.Set("console", console)
	return e
}

// must is for guard, which is a constant.
func must(value goja.Value, err error) goja.Value {
	if err != nil {
		panic(err)
	}
	return value
}

// setTimer is setTimeout and setInterval. It cuts a delay to a whole number of 32
// bits, as HTML says. A negative delay is zero, for HTML and for the loop.
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
	return e.vm.ToValue(id)
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
	return e.vm.ToValue(id)
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

// handler returns the first argument: a function, or a string to evaluate.
func (e *Engine) handler(call goja.FunctionCall) goja.Value {
	if len(call.Arguments) == 0 {
		panic(e.vm.NewTypeError("there is no callback"))
	}
	if _, ok := goja.AssertFunction(call.Arguments[0]); ok {
		return call.Arguments[0]
	}
	return call.Arguments[0].ToString()
}

// rest returns the arguments after the first n, for the callback.
func rest(call goja.FunctionCall, n int) []any {
	var args []any
	for _, arg := range call.Arguments[min(n, len(call.Arguments)):] {
		args = append(args, arg)
	}
	return args
}

// Run runs script, and all that it sets in motion, until nothing is pending. It
// returns nil then, an *[Error] if the program did not catch an error, and the
// cause of ctx if ctx is done. An Engine runs one script in its life.
func (e *Engine) Run(ctx context.Context, script *goja.Program) error {
	ctx, e.end = context.WithCancelCause(ctx)
	defer e.end(nil)
	defer context.AfterFunc(ctx, func() { e.vm.Interrupt("the end") })()

	main := func(goja.FunctionCall) goja.Value {
		value, err := e.vm.RunProgram(script)
		if err != nil {
			panic(err) // goes on as a JavaScript exception
		}
		return value
	}
	e.loop.CallSoon(func() { e.turn(e.vm.ToValue(main), nil, func() {}) })

	if err := e.loop.Run(ctx); !errors.Is(err, errDone) {
		return err
	}
	return nil
}

var errDone = errors.New("nothing is pending")

// turn is one callback of the loop: the handler, then after, then all microtasks
// and those that they add. At its end turn looks for a rejected promise without a
// handler, and whether anything is pending.
//
// So microtasks live between two callbacks. The loop never hears of them, and
// while they go on, no timer runs.
func (e *Engine) turn(handler goja.Value, args []any, after func()) {
	_, err := e.guarded(nil, handler, e.vm.GlobalObject(), e.vm.NewArray(args...), e.vm.ToValue(after))
	if overflow := (*goja.StackOverflowError)(nil); errors.As(err, &overflow) { // no JavaScript can catch it
		e.end(&Error{"Uncaught RangeError: the stack is full" + shortened("\n"+overflow.String())})
	}
	if err != nil { // the stack is full, or it was interrupted: it has ended
		return
	}
	if first := e.rejected.Front(); first != nil {
		e.report("Uncaught (in promise)", first.Value.(*goja.Promise).Result())
	}
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

// An Error is an error that the program did not catch: a line, and its stack if
// it has one.
type Error struct{ text string }

func (e *Error) Error() string { return e.text }

// report ends the program. The interrupt drops the microtasks that still wait, as
// Node.js does.
func (e *Engine) report(how string, reason goja.Value) {
	e.end(&Error{how + " " + e.text(reason)})
	e.vm.Interrupt("the end")
}
