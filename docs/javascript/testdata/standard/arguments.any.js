// What follows the delay is passed on, as it is, each time.
async_test(t => {
	const object = {}
	setTimeout(t.step_func_done(function () {
		assert_array_equals(arguments, [object, 'x', undefined, 4])
	}), 0, object, 'x', undefined, 4)
}, 'a timeout')

async_test(t => {
	let calls = 0
	const id = setInterval(t.step_func((...args) => {
		assert_array_equals(args, [1, 2])
		if (++calls === 3) {
			clearInterval(id)
			t.done()
		}
	}), 0, 1, 2)
}, 'an interval')

async_test(t => {
	setTimeout(t.step_func_done((...args) => assert_array_equals(args, [])), 0)
}, 'nothing follows')

async_test(t => {
	setTimeout(t.step_func_done((...args) => assert_array_equals(args, [])))
}, 'not even a delay')
