// "this" is the global object, also for a strict function.
async_test(t => {
	setTimeout(function () {
		'use strict'
		const self = this
		t.step(() => assert_equals(self, globalThis))
		t.done()
	}, 0)
}, 'a strict function')

async_test(t => {
	const object = {
		method() {
			const self = this
			t.step(() => assert_equals(self, globalThis))
			t.done()
		},
	}
	setTimeout(object.method, 0)
}, 'a method that was torn off its object')
