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

// Two functions that wait, each at its own pace: so many timers, one after the
// other.
const pause = async turns => {
	for (let i = 0; i < turns; i++) await new Promise(resolve => setTimeout(resolve, 0))
}
async function walk(name, ...pauses) {
	for (const turns of pauses) {
		await pause(turns)
		console.log(name, 'after', turns)
	}
	return name
}
async function all() {
	const first = walk('long', 3, 3)
	const second = walk('short', 2, 2)
	console.log(await second, 'is over')
	console.log(await first, 'is over')
}
all()
