// By deadline, and by when they were set where it is the same.
//
// (Between two lines a busy machine may stop for long. So a delay that is to be
// over later is either set later, or longer by days.)
async_test(t => {
	const log = []
	setTimeout(() => log.push('a'), -1)
	setTimeout(() => log.push('b'), 50)
	setTimeout(() => log.push('c'), 50)
	setTimeout(() => log.push('d'), 100)
	setTimeout(() => log.push('e'), 100)
	setTimeout(t.step_func_done(() => assert_array_equals(log, ['a', 'b', 'c', 'd', 'e'])), 200)
}, 'timeouts')

async_test(t => {
	const late = setTimeout(t.unreached_func('days have not gone by'), 1e9)
	setTimeout(t.step_func_done(() => clearTimeout(late)), 0)
}, 'a shorter one that is set later')

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
