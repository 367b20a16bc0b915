// Timers in promises in timers.
setTimeout(() => {
	console.log('timer')
	setTimeout(() => console.log('timer in a timer'), 0)
	Promise.resolve().then(() => {
		console.log('promise in a timer')
		setTimeout(() => console.log('timer in a promise in a timer'), 0)
	})
}, 0)
Promise.resolve().then(() => {
	console.log('promise')
	setTimeout(() => console.log('timer in a promise'), 0)
	Promise.resolve().then(() => console.log('promise in a promise'))
})
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
async function walk(name, ...pauses) {
	for (const ms of pauses) {
		await pause(ms)
		console.log(name, 'after', ms)
	}
	return name
}
async function all() {
	const first = walk('long', 300, 300)
	const second = walk('short', 200, 200)
	console.log(await second, 'is over')
	console.log(await first, 'is over')
}
all()
