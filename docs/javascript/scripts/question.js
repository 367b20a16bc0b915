// In which order do these lines come?
console.log('the script begins')

setTimeout(() => console.log('a timer without a delay'), 0)
setTimeout(() => console.log('one more of them'), 0)
setTimeout(() => console.log('half a second later'), 500)

Promise.resolve()
	.then(() => console.log('a promise'))
	.then(() => console.log('the next in its chain'))

async function wait() {
	console.log('an async function begins')
	await null
	console.log('and goes on after await')
}
wait()

queueMicrotask(() => console.log('a microtask'))

console.log('the script ends')
