// queueMicrotask, and what it has in common with promises.
test(() => {
	for (const wrong of [undefined, null, 1, 'f()', {}, Symbol()]) {
		assert_throws_js(TypeError, () => queueMicrotask(wrong))
	}
	assert_throws_js(TypeError, () => queueMicrotask())
	assert_equals(queueMicrotask(() => {}), undefined)
}, 'takes nothing but a function')

async_test(t => {
	queueMicrotask(t.step_func_done(function () {
		assert_equals(arguments.length, 0)
	}), 'x')
}, 'passes nothing on')

async_test(t => {
	const log = []
	const push = name => () => log.push(name)
	queueMicrotask(push(1))
	Promise.resolve().then(push(2)).then(push(5))
	;(async () => { await 0; push(3)() })()
	queueMicrotask(push(4))
	queueMicrotask(() => queueMicrotask(push(6)))
	log.push(0)
	setTimeout(t.step_func_done(() => assert_array_equals(log, [0, 1, 2, 3, 4, 5, 6])), 0)
}, 'one queue for all of them')

async_test(t => {
	const { then } = Promise.prototype
	let replaced = false
	Promise.prototype.then = () => { replaced = true }
	queueMicrotask(t.step_func_done(() => assert_false(replaced)))
	Promise.prototype.then = then
}, 'is not fooled by a program that replaces then')
