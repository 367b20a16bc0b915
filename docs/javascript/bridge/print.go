package bridge

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// print returns console.log for w.
func (e *Engine) print(w io.Writer) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		var words []string
		rest := call.Arguments
		if len(rest) > 1 {
			if format, ok := rest[0].(goja.String); ok {
				var filled string
				filled, rest = e.fill(format.String(), rest[1:])
				words = append(words, filled)
			}
		}
		for _, arg := range rest {
			words = append(words, e.text(arg))
		}
		fmt.Fprintln(w, strings.Join(words, " "))
		return goja.Undefined()
	}
}

var (
	// The specifiers of the console standard, and %%. The standard has no %%, but
	// Node.js and the browsers print it as %.
	specifier = regexp.MustCompile(`%[sdifoOc%]`)

	integer = regexp.MustCompile(`^[+-]?(Infinity|\d+)`)
	decimal = regexp.MustCompile(`^[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)`)
)

// fill replaces each specifier in format by the next of args, as the standard
// says (https://console.spec.whatwg.org/#formatter). It returns the args that are
// left over.
func (e *Engine) fill(format string, args []goja.Value) (string, []goja.Value) {
	filled := specifier.ReplaceAllStringFunc(format, func(kind string) string {
		if kind == "%%" {
			return "%"
		}
		if len(args) == 0 {
			return kind
		}
		arg := args[0]
		args = args[1:]
		switch kind {
		case "%s":
			return plain(arg)
		case "%d", "%i":
			return e.number(arg, integer)
		case "%f":
			return e.number(arg, decimal)
		case "%c": // a style in CSS: plain text has none
			return ""
		}
		return e.text(arg) // %o and %O
	})
	return filled, args
}

// number returns what parseInt and parseFloat make of a value: the number at its
// beginning.
func (e *Engine) number(v goja.Value, pattern *regexp.Regexp) string {
	digits := pattern.FindString(strings.TrimSpace(plain(v)))
	if digits == "" {
		return "NaN"
	}
	n, _ := strconv.ParseFloat(digits, 64) // an error here is only that it is infinite
	return e.vm.ToValue(n).String()
}

// plain is String(v).
func plain(v goja.Value) string {
	if symbol, ok := v.(*goja.Symbol); ok {
		return "Symbol(" + symbol.String() + ")"
	}
	return v.String()
}

// text is how a value is printed: an error with its stack, other objects as JSON.
// Node.js and the browsers print objects each in their own way. An object may run
// code here, and that code may throw.
func (e *Engine) text(v goja.Value) (s string) {
	if e.vm.Try(func() { s = look(v) }) != nil {
		return "an object that throws when it is printed"
	}
	return s
}

func look(v goja.Value) string {
	object, ok := v.(*goja.Object)
	if !ok {
		return plain(v)
	}
	if object.ClassName() == "Error" {
		if stack := object.Get("stack"); stack != nil { // the program may have deleted it
			return shortened(stack.String())
		}
	} else if _, ok := goja.AssertFunction(object); !ok {
		if json, err := object.MarshalJSON(); err == nil {
			return string(json)
		}
	}
	return object.String()
}

var (
	ownFrame = regexp.MustCompile(`\n\tat [^\n]*(\bbridge:\d|\(native\))[^\n]*`)
	frame    = regexp.MustCompile(`\n\tat ([^\n]*?)\(\d+\)(\)?)`) // with a figure that only goja knows
)

// shortened is a stack as Node.js prints it: only the frames of the program, and
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
