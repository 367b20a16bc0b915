// Two timers are due at once, and the first one clears the second.
let second
setTimeout(() => {
	console.log('first')
	clearTimeout(second)
}, 100)
second = setTimeout(() => console.log('never'), 100)
setTimeout(() => console.log('third'), 100)
