// As much of the web-platform-tests' testharness.js as the files in standard call.
// It prints a line when a test begins, and one when it passes or fails.
;(() => {
	class Test {
		constructor(name) {
			this.name = name
			this.open = true
			console.log('begins:', name)
		}
		end(...verdict) {
			if (this.open) console.log(...verdict, this.name)
			this.open = false
		}
		done() { this.end('passes:') }
		step(f, self, ...args) {
			try {
				return f.apply(self, args)
			} catch (error) {
				this.end('fails:', String(error), 'in')
			}
		}
		step_func(f) { const t = this; return function (...args) { return t.step(f, this, ...args) } }
		step_func_done(f) {
			const t = this
			return function (...args) { t.step(f, this, ...args); t.done() }
		}
		unreached_func(why) { return this.step_func(() => say(why, 'this must not be reached')) }
	}
	globalThis.test = (f, name) => { const t = new Test(name); t.step(f); t.done() }
	globalThis.async_test = (f, name) => { const t = new Test(name); t.step(f, undefined, t) }

	const say = (why, what) => { throw new Error((why ? why + ': ' : '') + what) }
	const check = (holds, why, what) => { if (!holds) say(why, what()) }
	globalThis.assert_true = (v, why) => check(v === true, why, () => `${String(v)} is not true`)
	globalThis.assert_false = (v, why) => check(v === false, why, () => `${String(v)} is not false`)
	globalThis.assert_equals = (v, want, why) => check(Object.is(v, want), why, () => `${String(v)} is not ${String(want)}`)
	globalThis.assert_greater_than = (v, than, why) => check(v > than, why, () => `${v} is not greater than ${than}`)
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
})()
