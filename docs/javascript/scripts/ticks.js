// How many microtasks does it take? The clock is a chain of promises, each link
// one microtask after the one before.
let tick = 0
const clock = () => { if (++tick < 12) Promise.resolve().then(clock) }
Promise.resolve().then(clock)
const at = what => () => console.log(what, 'at tick', tick)

Promise.resolve().then(at('then'))
;(async () => { await 1; at('await a value')() })()
;(async () => { await Promise.resolve(); at('await a promise')() })()
;(async () => { await { then: f => f() }; at('await an object with a then')() })()
;(async () => { await (async () => 1)(); at('await an async function')() })()
;(async () => 1)().then(at('async function that returns a value'))
;(async () => Promise.resolve(1))().then(at('async function that returns a promise'))
new Promise(resolve => resolve(Promise.resolve())).then(at('resolve with a promise'))
Promise.resolve().then(() => Promise.resolve()).then(at('then that returns a promise'))
Promise.resolve().finally(() => {}).then(at('then after finally'))
Promise.reject().catch(at('catch'))
Promise.reject().then(() => {}).catch(at('catch after a then'))
Promise.all([1, 2]).then(at('all of two values'))
Promise.race([1, Promise.resolve(2)]).then(at('race of a value'))
