// A puzzle as people ask it in interviews.
async function outer() {
	console.log('outer begins')
	await inner()
	console.log('outer goes on')
}
async function inner() {
	console.log('inner')
}
console.log('script begins')
setTimeout(() => console.log('timer'), 0)
outer()
new Promise(resolve => {
	console.log('executor')
	resolve()
	console.log('executor, after resolve')
}).then(() => console.log('then 1')).then(() => console.log('then 2'))
console.log('script ends')
