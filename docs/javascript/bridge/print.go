package bridge

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/dop251/goja"
)

// print returns console.log for w.
func (e *Engine) print(w io.Writer) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		var words []string
		for _, arg := range call.Arguments {
			words = append(words, e.text(arg))
		}
		fmt.Fprintln(w, strings.Join(words, " "))
		return goja.Undefined()
	}
}

// text is what a value looks like: an error with its stack, other objects as
// JSON. (Node.js and browsers have each their own way with objects.) Objects may
// run code to tell, and that may throw.
func (e *Engine) text(v goja.Value) (s string) {
	if e.VM.Try(func() { s = look(v) }) != nil {
		return "an object that throws when it is printed"
	}
	return s
}

func look(v goja.Value) string {
	switch v := v.(type) {
	case *goja.Symbol:
		return "Symbol(" + v.String() + ")"
	case *goja.Object:
		if v.ClassName() == "Error" {
			if stack := v.Get("stack"); stack != nil { // the program may have deleted it
				return shortened(stack.String())
			}
		} else if _, ok := goja.AssertFunction(v); !ok {
			if json, err := v.MarshalJSON(); err == nil {
				return string(json)
			}
		}
	}
	return v.String()
}

var (
	ownFrame = regexp.MustCompile(`\n\tat [^\n]*(\bbridge:\d|\(native\))[^\n]*`)
	frame    = regexp.MustCompile(`\n\tat ([^\n]*?)\(\d+\)(\)?)`) // with a figure that only goja knows
)

// shortened is a stack as Node.js has it: the frames of the program alone, and
// no more than ten of them.
func shortened(stack string) string {
	stack = ownFrame.ReplaceAllString(strings.TrimRight(stack, "\n"), "")
	stack = frame.ReplaceAllString(stack, "\n    at $1$2")
	head, frames, ok := strings.Cut(stack, "\n    at ")
	if !ok {
		return head
	}
	all := strings.Split(frames, "\n    at ")
	return head + "\n    at " + strings.Join(all[:min(10, len(all))], "\n    at ")
}
