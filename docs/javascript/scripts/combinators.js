// Promises that are settled after so many timers, one after the other.
const after = (turns, f) => setTimeout(() => turns > 1 ? after(turns - 1, f) : f(), 0)
const later = (value, turns) => new Promise(resolve => after(turns, () => resolve(value)))
const never = (reason, turns) => new Promise((_, reject) => after(turns, () => reject(reason)))

Promise.all([later('a', 3), later('b', 1), 'c']).then(v => console.log('all', v.join()))
Promise.race([later('a', 3), later('b', 1)]).then(v => console.log('race', v))
Promise.any([never('a', 1), later('b', 4), never('c', 2)]).then(v => console.log('any', v))
Promise.all([later('a', 3), never('b', 2)]).catch(e => console.log('all fails with', e))
Promise.allSettled([later('a', 5), never('b', 1)]).then(v => console.log('allSettled', v.map(r => r.status).join()))
Promise.any([never('a', 6)]).catch(e => console.log(e.name, e.errors.join()))
