// An error in a callback is reported, and the rest goes on.
setup({ allow_uncaught_exception: true })

const reported = (t, name, then) => {
	const listener = event => {
		if (event.error.message !== name) return
		removeEventListener('error', listener)
		then()
	}
	addEventListener('error', listener)
}

async_test(t => {
	setTimeout(() => { throw new Error('timeout') }, 0)
	reported(t, 'timeout', () => setTimeout(t.step_func_done(() => {}), 0))
}, 'in a timeout')

async_test(t => {
	let calls = 0
	const id = setInterval(() => { calls++; throw new Error('interval ' + calls) }, 0)
	reported(t, 'interval 3', () => { clearInterval(id); t.done() })
}, 'in an interval, which goes on')

async_test(t => {
	setTimeout('throw new Error("string")', 0)
	reported(t, 'string', () => t.done())
}, 'in a string')

async_test(t => {
	const listener = event => {
		if (event.error.name !== 'SyntaxError') return
		removeEventListener('error', listener)
		t.done()
	}
	addEventListener('error', listener)
	setTimeout('this is not JavaScript', 0)
}, 'of syntax, in a string')

async_test(t => {
	let ran = false
	setTimeout(() => {
		queueMicrotask(() => { ran = true })
		throw new Error('before microtasks')
	}, 0)
	reported(t, 'before microtasks', () => {
		const early = ran
		setTimeout(t.step_func_done(() => {
			assert_false(early)
			assert_true(ran)
		}), 0)
	})
}, 'reported before the microtasks run, which they do')

async_test(t => {
	let ran = false
	queueMicrotask(() => { throw new Error('microtask') })
	queueMicrotask(() => { ran = true })
	reported(t, 'microtask', () => queueMicrotask(t.step_func_done(() => assert_true(ran))))
}, 'in a microtask; the next one runs')

async_test(t => {
	Promise.reject(new Error('in vain'))
	reported(t, 'in vain', () => t.done())
}, 'a rejection that nobody handles')
