// A chain of microtasks keeps a due timer waiting. This chain ends. A chain
// without an end would keep the timer waiting for ever.
let links = 0
setTimeout(() => console.log('timer, after', links, 'links'), 0)
const chain = () => { if (++links < 10000) queueMicrotask(chain) }
queueMicrotask(chain)
