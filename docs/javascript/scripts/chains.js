// Two chains take turns: each then adds the next link only when it has run.
const link = name => () => console.log(name)
Promise.resolve().then(link('a1')).then(link('a2')).then(link('a3')).then(link('a4'))
Promise.resolve().then(() => {
	console.log('b1')
	return Promise.resolve()
}).then(link('b2')).then(link('b3'))
