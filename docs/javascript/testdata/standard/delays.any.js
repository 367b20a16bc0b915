// A delay is made a number, cut to 32 bits, and then to zero if it is negative.
// None of these may be later than one of days that is set before them.
for (const [name, delay] of [
	['undefined', undefined], ['null', null], ['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity],
	['no number', 'soon'], ['an empty object', {}], ['negative', -1], ['very negative', -(2 ** 31)],
	['2³¹, which is negative in 32 bits', 2 ** 31], ['2³², which is zero', 2 ** 32], ['2³² + 1', 2 ** 32 + 1],
	['a fraction below one', 0.9], ['a string', '1'], ['an array', [1]], ['true', true],
	['an object with valueOf', { valueOf: () => 1 }],
]) {
	async_test(t => {
		const late = setTimeout(t.unreached_func('days have not gone by'), 1e9)
		setTimeout(t.step_func_done(() => clearTimeout(late)), delay)
	}, name)
}

async_test(t => {
	const long = [2 ** 31 - 1, 2 ** 32 + 2 ** 30, '2000000000', { valueOf: () => 1e9 }].map(
		delay => setTimeout(t.unreached_func('days have not gone by'), delay))
	setTimeout(t.step_func_done(() => long.forEach(id => clearTimeout(id))), 50)
}, 'long delays stay long')

test(() => {
	class Odd extends Error {}
	assert_throws_js(Odd, () => setTimeout(() => {}, { valueOf() { throw new Odd() } }))
	assert_throws_js(TypeError, () => setTimeout(() => {}, Symbol()))
	assert_throws_js(TypeError, () => setTimeout())
	assert_throws_js(TypeError, () => setInterval())
}, 'what cannot be made a number throws at once')
