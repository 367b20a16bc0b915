let count = 0
const id = setInterval((a, b) => {
	console.log('interval', ++count, a, b)
	Promise.resolve().then(() => console.log('microtask of', count))
	if (count === 3) clearInterval(id)
}, 50, 'with', 'arguments')

// Cleared before it runs, by the word for the other kind, twice, and by nothing.
clearTimeout(setInterval(() => console.log('never'), 10))
clearInterval(setTimeout(() => console.log('never'), 10))
const gone = setTimeout(() => console.log('never'), 10)
clearTimeout(gone)
clearTimeout(gone)
clearTimeout()
clearTimeout(null)
clearTimeout(987654)
