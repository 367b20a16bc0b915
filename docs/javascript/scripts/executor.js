// An executor runs at once; a promise is settled once; the error after that is
// lost.
const p = new Promise((resolve, reject) => {
	console.log('executor')
	resolve('first')
	resolve('second')
	reject(new Error('third'))
	throw new Error('fourth')
})
p.then(value => console.log('it is the', value), () => console.log('rejected'))
p.then('not a function').then(value => console.log('passed on:', value))
console.log('script ends')
