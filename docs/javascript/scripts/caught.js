// Errors that the program catches.
Promise.reject(new Error('one')).catch(e => console.log('catch', e.message))
Promise.resolve().then(() => { throw new Error('two') }).then(() => console.log('never')).catch(e => console.log('catch', e.message)).finally(() => console.log('finally'))
;(async () => {
	try {
		await Promise.reject(new Error('three'))
	} catch (e) {
		console.log('catch', e.message)
		return 'value'
	} finally {
		console.log('finally of an async function')
	}
})().then(v => console.log(v))
const late = Promise.reject(new Error('four'))
queueMicrotask(() => late.catch(e => console.log('caught in the last moment,', e.message)))
setTimeout(() => {
	try {
		throw new Error('five')
	} catch (e) {
		console.log('catch', e.message)
	}
}, 0)
