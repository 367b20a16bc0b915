// Timers run by their deadlines, not in the order in which they were set; equal
// delays run in the order in which they were set.
setTimeout(() => console.log('300'), 300)
setTimeout(() => console.log('100, the first'), 100)
setTimeout(() => console.log('200'), 200)
setTimeout(() => console.log('100, the second'), 100)

// One variable for all three callbacks, or one for each of them.
for (var i = 0; i < 3; i++) setTimeout(() => console.log('var', i), 400)
for (let j = 0; j < 3; j++) setTimeout(() => console.log('let', j), 400)
