setTimeout(() => console.log('timer 1'), 0)
setTimeout(() => {
	console.log('timer 2')
	queueMicrotask(() => console.log('never'))
	try {
		throw new TypeError('thrown in a timer')
	} finally {
		console.log('finally')
	}
}, 0)
setTimeout(() => console.log('never'), 0)
