// By deadline, and by when they were set where it is the same.
async_test(t => {
	const log = []
	setTimeout(t.step_func_done(() => {
		assert_array_equals(log, ['a', 'b', 'c', 'd', 'e'])
	}), 600)
	setTimeout(() => log.push('d'), 300)
	setTimeout(() => log.push('b'), 150)
	setTimeout(() => log.push('e'), 300)
	setTimeout(() => log.push('c'), 150)
	setTimeout(() => log.push('a'), -1)
}, 'timeouts')

async_test(t => {
	const log = []
	setTimeout(() => {
		log.push('timer 1')
		queueMicrotask(() => {
			log.push('microtask 1')
			Promise.resolve().then(() => log.push('microtask 2'))
		})
	}, 0)
	setTimeout(() => log.push('timer 2'), 0)
	setTimeout(t.step_func_done(() => {
		assert_array_equals(log, ['timer 1', 'microtask 1', 'microtask 2', 'timer 2'])
	}), 0)
}, 'microtasks, all of them, before the next timeout')

async_test(t => {
	let inside = true
	setTimeout(t.step_func_done(() => assert_false(inside)), -1000)
	inside = false
}, 'never inside setTimeout')
