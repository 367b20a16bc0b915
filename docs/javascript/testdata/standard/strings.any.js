// A handler that is no function is made a string at once, and evaluated later.
var evaluated = []

async_test(t => {
	setTimeout('var made = 7; evaluated.push(this === globalThis)', 0)
	setTimeout(t.step_func_done(() => {
		assert_equals(globalThis.made, 7)
		assert_array_equals(evaluated, [true])
	}), 0)
}, 'evaluated globally')

async_test(t => {
	let converted = 0
	globalThis.ranFromObject = 0
	setTimeout({ toString() { converted++; return 'ranFromObject++' } }, 0)
	assert_equals(converted, 1)
	setTimeout(t.step_func_done(() => {
		assert_equals(converted, 1)
		assert_equals(globalThis.ranFromObject, 1)
	}), 0)
}, 'an object becomes a string when it is set')

async_test(t => {
	for (const handler of [undefined, null, 1, {}.x, []]) setTimeout(handler, 0)
	setTimeout(t.step_func_done(() => {}), 0)
}, 'what evaluates to nothing much')

test(() => {
	assert_throws_js(RangeError, () => setTimeout({ toString() { throw new RangeError() } }))
}, 'a string that cannot be made throws at once')
