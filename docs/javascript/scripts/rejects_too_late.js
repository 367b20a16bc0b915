// A handler that comes with the next timer comes too late.
const p = Promise.reject(new RangeError('too late'))
setTimeout(() => p.catch(() => console.log('never')), 0)
console.log('script ends')
