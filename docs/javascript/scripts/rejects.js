// Nothing handles this rejection. The microtasks still run, the timer does not.
async function fails() {
	await null
	throw new Error('rejected in vain')
}
fails()
Promise.resolve().then(() => console.log('a')).then(() => console.log('b')).then(() => console.log('c'))
setTimeout(() => console.log('never'), 0)
