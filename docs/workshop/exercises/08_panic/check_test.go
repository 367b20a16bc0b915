package panics_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	panics "example.com/eventloop/docs/workshop/exercises/08_panic"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	for _, how := range []struct {
		name, text string
		fail       func()
	}{
		{"AfterAPanic", "panicked", func() { panic("on purpose") }},
		{"AfterGoexit", "called runtime.Goexit", runtime.Goexit},
	} {
		if !t.Run(how.name, func(t *testing.T) { after(t, how.text, how.fail) }) {
			return
		}
	}
	looptest.RunVirtual(t, func() eventloop.Loop { return panics.New() })
}

// after lets a callback fail, and looks at what is left.
func after(t *testing.T, failed string, fail func()) {
	synctest.Test(t, func(t *testing.T) {
		l := panics.New()
		l.CallSoon(fail)
		before := checks.Goroutines()
		first := run(l)
		synctest.Wait() // all goroutines sleep, or have ended
		switch how := how(first); {
		case how == "":
			t.Fatalf("\nseen: a callback %s, and Run does not end\nrule: Run ends, however the callback has ended. For whom does it wait?", failed)
		case how == "returned":
			t.Errorf("\nseen: a callback %s, and Run returned as if nothing had happened\nrule: a panic is not recovered: it unwinds through Run to its caller, and so does Goexit", failed)
		}
		if left := checks.Goroutines() - before; left > 0 {
			t.Errorf("\nseen: a callback %s, Run has ended, and %d goroutine of the loop is left\nrule: once Run has ended, no goroutine of the loop is left", failed, left)
		}
		second := run(l)
		time.Sleep(2 * time.Minute)
		if how := how(second); how != "returned" {
			t.Errorf("\nseen: a callback %s, and after that the next Run %s\nrule: Run can be called again", failed, how)
		}
	})
}

// run calls Run for a minute, and sends how it has ended.
func run(l *panics.Loop) <-chan string {
	ended := make(chan string, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		how := "ended its goroutine"
		defer func() {
			if r := recover(); r != nil {
				how = "panicked"
				if text, ok := r.(string); ok {
					how += ": " + text
				}
			}
			ended <- how
		}()
		_ = l.Run(ctx)
		how = "returned"
	}()
	return ended
}

// how returns how Run has ended, or nothing if it has not.
func how(ended <-chan string) string {
	select {
	case how := <-ended:
		return how
	default:
		return ""
	}
}
