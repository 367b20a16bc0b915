// Timers run by their deadlines, not in the order in which they were set; equal
// delays run in the order in which they were set.
const long = setTimeout(() => console.log('never'), 1000000000)
setTimeout(() => console.log('at once'), 0)
setTimeout(() => console.log('at once, too'), 0)

// One variable for all three callbacks, or one for each of them.
for (var i = 0; i < 3; i++) setTimeout(() => console.log('var', i), 0)
for (let j = 0; j < 3; j++) setTimeout(() => console.log('let', j), 0)

setTimeout(() => {
	console.log('and in eleven days? No')
	clearTimeout(long)
}, 100)
