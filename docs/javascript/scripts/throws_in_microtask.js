queueMicrotask(() => console.log('microtask 1'))
queueMicrotask(() => {
	console.log('microtask 2')
	throw new Error('thrown in a microtask')
})
queueMicrotask(() => console.log('never'))
setTimeout(() => console.log('never'), 0)
