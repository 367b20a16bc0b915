// Microtasks that add microtasks keep a timer waiting that is long due. This
// chain ends; one that does not keeps the timer waiting for ever.
let links = 0
setTimeout(() => console.log('timer, after', links, 'links'), 0)
const chain = () => { if (++links < 10000) queueMicrotask(chain) }
queueMicrotask(chain)
