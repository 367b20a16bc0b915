// A small harness for files written for the web-platform-tests' testharness.js:
// as much of a page, and of the functions that tests call, as those about timers
// and microtasks need.
//
// It calls "opened" for each test, and "verdict" with the test's name and what went
// wrong, or "". When the page is loaded and no test is open, it calls "finish". It
// returns the function that is to be called with what nobody catches.

globalThis.window = globalThis.self = globalThis
globalThis.performance = { now: () => Date.now() }
globalThis.ErrorEvent = class ErrorEvent {
	constructor(type, { error }) {
		this.type = type
		this.error = error
		this.message = String(error)
	}
}

;(({ opened, verdict, finish }) => {
	const later = setTimeout
	const listeners = { error: [], load: [] }
	globalThis.onerror = globalThis.onload = null
	globalThis.addEventListener = (type, f) => listeners[type].push(f)
	globalThis.removeEventListener = (type, f) => { listeners[type] = listeners[type].filter(g => g !== f) }

	// ---- tests

	const open = new Set()
	let loaded = false
	let uncaughtIsFine = false
	let single = null // the one test that is the file itself
	let queue = Promise.resolve() // promise tests run one after the other
	const over = () => { if (loaded && open.size === 0) finish() }

	class Test {
		constructor(name) {
			this.name = name || `unnamed ${++Test.unnamed}`
			this.cleanups = []
			open.add(this)
			opened(this.name)
		}
		end(problem) {
			if (!open.delete(this)) return
			for (const f of this.cleanups) f()
			verdict(this.name, problem)
			over()
		}
		done() { this.end('') }
		fail(error) { this.end(String(error)) }
		step(f, self, ...args) {
			try {
				return f.apply(self || this, args)
			} catch (error) {
				this.fail(error)
			}
		}
		step_func(f, self) { const t = this; return function (...args) { return t.step(f, self || this, ...args) } }
		step_func_done(f = () => {}, self) {
			const t = this
			return function (...args) { t.step(f, self || this, ...args); t.done() }
		}
		step_timeout(f, ms, ...args) { return later(this.step_func(f), ms, ...args) }
		unreached_func(why) { return this.step_func(() => assert_unreached(why)) }
		add_cleanup(f) { this.cleanups.push(f) }
	}
	Test.unnamed = 0

	globalThis.setup = ({ single_test, allow_uncaught_exception } = {}) => {
		if (single_test) single = new Test()
		if (allow_uncaught_exception) uncaughtIsFine = true
	}
	globalThis.done = () => single.done()
	globalThis.test = (f, name) => { const t = new Test(name); t.step(f, t, t); t.done() }
	globalThis.async_test = (f, name) => {
		const t = new Test(typeof f === 'string' ? f : name)
		if (typeof f === 'function') t.step(f, t, t)
		return t
	}
	globalThis.promise_test = (f, name) => {
		const t = new Test(name)
		queue = queue.then(() => f(t)).then(() => t.done(), error => t.fail(error))
	}

	// ---- what is said of errors and of the page

	const dispatch = (type, event, ...old) => {
		if (typeof globalThis['on' + type] === 'function') globalThis['on' + type](...old)
		for (const f of listeners[type]) f(event)
	}
	const uncaught = error => {
		dispatch('error', new ErrorEvent('error', { error }), String(error))
		if (single) single.fail(error)
		else if (!uncaughtIsFine) for (const t of open) t.fail('uncaught: ' + error)
	}
	// The first immediate comes before the script, the second one after it.
	setImmediate(() => setImmediate(() => {
		loaded = true
		dispatch('load', { type: 'load' })
		over()
	}))

	// ---- assertions

	const say = (why, what) => { throw new Error((why ? why + ': ' : '') + what) }
	const check = (holds, why, what) => { if (!holds) say(why, what()) }
	globalThis.assert_true = (v, why) => check(v === true, why, () => `${String(v)} is not true`)
	globalThis.assert_false = (v, why) => check(v === false, why, () => `${String(v)} is not false`)
	globalThis.assert_equals = (v, want, why) => check(Object.is(v, want), why, () => `${String(v)} is not ${String(want)}`)
	globalThis.assert_not_equals = (v, not, why) => check(!Object.is(v, not), why, () => `it is ${String(v)}`)
	globalThis.assert_less_than = (v, than, why) => check(v < than, why, () => `${v} is not less than ${than}`)
	globalThis.assert_greater_than = (v, than, why) => check(v > than, why, () => `${v} is not greater than ${than}`)
	globalThis.assert_unreached = why => say(why, 'this must not be reached')
	globalThis.assert_array_equals = (v, want, why) => check(
		v.length === want.length && want.every((w, i) => Object.is(v[i], w)), why, () => `[${Array.from(v)}] is not [${want}]`)
	globalThis.assert_throws_js = (constructor, f, why) => {
		try {
			f()
		} catch (error) {
			return check(error.constructor === constructor, why, () => `it threw ${error}`)
		}
		say(why, 'it threw nothing')
	}

	return uncaught
})
