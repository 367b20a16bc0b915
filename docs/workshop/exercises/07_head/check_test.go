package head_test

import (
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	head "example.com/eventloop/docs/workshop/exercises/07_head"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	if t.Run("OnlyWhatIsDue", onlyWhatIsDue) && t.Run("StoppedAsItsAlarmRings", stoppedAsItsAlarmRings) {
		looptest.RunVirtual(t, func() eventloop.Loop { return head.New() })
	}
}

func onlyWhatIsDue(t *testing.T) {
	if after := second(t, func(first eventloop.Timer) { first.Stop() }); after != 40*time.Millisecond {
		t.Errorf("\nseen: SetTimeout(40ms) ran after %v, since a timer of 10ms before it was stopped\nrule: stopping a timer changes nothing for the others", after)
	}
}

// The alarm and the stop come at one instant, and either may be first: so it is tried
// often.
func stoppedAsItsAlarmRings(t *testing.T) {
	for range 300 {
		after := second(t, func(first eventloop.Timer) {
			time.Sleep(10 * time.Millisecond)
			first.Stop()
		})
		if after != 40*time.Millisecond {
			t.Errorf("\nseen: SetTimeout(40ms) ran after %v, since a timer of 10ms before it was stopped just when its alarm rang\nrule: an alarm only says that it is time to look", after)
			return
		}
	}
}

// second sets a timer of 10 ms and one of 40 ms, and returns after how long the second
// one runs. Meanwhile it calls stop with the first.
func second(t *testing.T, stop func(first eventloop.Timer)) (after time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		l := head.New()
		set := time.Now()
		first := l.SetTimeout(10*time.Millisecond, func() {})
		l.SetTimeout(40*time.Millisecond, func() { after = time.Since(set) })
		end := checks.Start(l)
		synctest.Wait() // asleep until the first
		stop(first)
		time.Sleep(time.Minute)
		end()
	})
	return after
}
