// Nothing catches this, so the program ends. Neither the microtask nor the timer runs.
setTimeout(() => console.log('never'), 0)
Promise.resolve().then(() => console.log('never either'))
console.log('before')
throw new Error('thrown in between')
