// Nobody catches this. It is the end: neither the microtask runs nor the timer.
setTimeout(() => console.log('never'), 0)
Promise.resolve().then(() => console.log('never either'))
console.log('before')
throw new Error('thrown in between')
