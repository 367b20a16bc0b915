// Immediates run in order, each with its microtasks; those set by an immediate
// come after all that were there.
setImmediate((...args) => {
	console.log('immediate 1', args.join())
	setImmediate(() => console.log('immediate of immediate 1'))
	Promise.resolve().then(() => console.log('microtask of immediate 1'))
}, 'x', 'y')
const never = setImmediate(() => console.log('never'))
setImmediate(() => console.log('immediate 2'))
clearImmediate(never)
Promise.resolve().then(() => console.log('promise'))
console.log('script ends')
