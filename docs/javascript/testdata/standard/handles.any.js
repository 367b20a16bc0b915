// What the functions return, and what clearing takes.
test(() => {
	const seen = []
	for (const set of [setTimeout, setInterval, setTimeout, setInterval]) {
		const id = set(() => {}, 1000)
		assert_true(Number.isInteger(id))
		assert_greater_than(id, 0)
		assert_false(seen.includes(id))
		seen.push(id)
	}
	seen.forEach(id => clearTimeout(id))
}, 'positive numbers, each once')

async_test(t => {
	const never = t.unreached_func('it was cleared')
	clearTimeout(setTimeout(never, 0))
	clearInterval(setTimeout(never, 0))
	clearTimeout(setInterval(never, 0))
	clearInterval(setInterval(never, 0))
	clearTimeout(String(setTimeout(never, 0)))
	clearTimeout({ valueOf: () => id })
	var id = setTimeout(never, 0)
	clearTimeout({ valueOf: () => id })
	clearTimeout(setTimeout(never, 0) + 2 ** 32) // a handle is cut to 32 bits
	setTimeout(t.step_func_done(() => {}), 50)
}, 'cleared by either word, and by what can be made the number')

test(() => {
	for (const nothing of [undefined, null, 0, -1, NaN, Infinity, 'x', {}, 987654321]) {
		assert_equals(clearTimeout(nothing), undefined)
		assert_equals(clearInterval(nothing), undefined)
	}
	assert_equals(clearTimeout(), undefined)
}, 'clearing what there is not is no error')

async_test(t => {
	const id = setTimeout(() => {
		clearTimeout(id)
		setTimeout(t.step_func_done(() => {}), 0)
	}, 0)
}, 'a timeout that clears itself')

async_test(t => {
	let calls = 0
	const id = setInterval(() => {
		calls++
		clearInterval(id)
		setTimeout(t.step_func_done(() => assert_equals(calls, 1)), 50)
	}, 0)
}, 'an interval that clears itself')

async_test(t => {
	let id
	setTimeout(() => {
		clearTimeout(id)
		setTimeout(t.step_func_done(() => {}), 0)
	}, 0)
	id = setTimeout(t.unreached_func('its sibling cleared it'), 0)
}, 'a timeout that clears one due at the same time')
