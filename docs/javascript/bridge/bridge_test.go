package bridge

import (
	"bytes"
	"fmt"
	"testing"

	event "example.com/eventloop/stage3_event"
)

func TestX(t *testing.T) {
	for _, src := range []string{
		"console.log(1,'a',null,undefined,[1,{a:2}], -0, Symbol('q'), x=>1, new Error('e'), 10n); setTimeout((a,b)=>console.log('later',a,b), 10, 1, 2)",
		"Promise.resolve().then(()=>console.log('NO')); function f() { throw new Error('boo') }\nf()",
		"Promise.reject(new Error('rej')); Promise.resolve().then(()=>console.log('YES')); setTimeout(()=>console.log('NO'))",
		"(async () => { await 0; throw 7 })()",
		"queueMicrotask(()=>{throw new TypeError('micro')}); queueMicrotask(()=>console.log('NO'))",
		"function r() { r() }; r()",
		"setTimeout('console.log(this === globalThis, q)'); var q = 3; setTimeout(function () { 'use strict'; console.log(this === globalThis) })",
		"let n = 0; const id = setInterval(() => { console.log(++n); if (n == 3) clearInterval(id) }, 5)",
		"setTimeout('1 *-* 2')",
		"setTimeout()",
		"throw {a:1}", "throw null",
		"let p = Promise.reject(1); setTimeout(()=>p.catch(()=>console.log('too late')))",
		"let p = Promise.reject(1); queueMicrotask(()=>p.catch(()=>console.log('in time')))",
		"setImmediate(console.log, 'imm', 2); let i = setImmediate(()=>console.log('NO')); clearImmediate(i)",
	} {
		var out, errs bytes.Buffer
		s, err := Compile("a.js", src)
		if err == nil {
			err = New(event.New(), &out, &errs).Run(t.Context(), s)
		}
		fmt.Printf("--- %s\n%s%s\nerr %v\n", src, &out, &errs, err)
	}
}
