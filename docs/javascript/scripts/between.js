// Microtasks run between two callbacks, even if both timers are due already.
// (In Node.js before version 11 they came after both.)
setTimeout(() => {
	console.log('timer 1')
	Promise.resolve().then(() => console.log('microtask of timer 1'))
}, 0)
setTimeout(() => {
	console.log('timer 2')
	queueMicrotask(() => {
		console.log('microtask of timer 2')
		queueMicrotask(() => console.log('microtask of that microtask'))
	})
}, 0)
setTimeout(() => console.log('timer 3'), 0)
