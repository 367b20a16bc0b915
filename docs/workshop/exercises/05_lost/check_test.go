package lost_test

import (
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	lost "example.com/eventloop/docs/workshop/exercises/05_lost"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	// The moment in which a wake-up is lost is short. So first it is made a minute
	// long. While that fails, the contract would be kept or broken by chance.
	if t.Run("NoWakeUpLostWhileFallingAsleep", whileFallingAsleep) {
		looptest.RunVirtual(t, func() eventloop.Loop { return lost.New(func() {}) })
	}
}

func whileFallingAsleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pause, delay = time.Minute, 10 * time.Minute
		goroutines := checks.Goroutines()
		paused := 0
		l := lost.New(func() {
			paused++
			time.Sleep(pause)
		})
		end := checks.Start(l)
		synctest.Wait() // the timer loop has looked, and there was no timer: now it falls asleep
		if paused == 0 {
			t.Error("\nseen: the timer loop has fallen asleep, and pause has not been called\nrule: Receive calls pause, for the check; the moment is there without it, too")
		}
		set := time.Now()
		ran := make(chan struct{})
		l.SetTimeout(delay, func() { close(ran) })
		if waited := time.Since(set); waited > 0 {
			t.Errorf("\nseen: SetTimeout(%v), called while the timer loop was falling asleep, returned after %v\nrule: SetTimeout never waits for the loop", delay, waited)
			end()
			return
		}
		select {
		case <-ran:
			if late := time.Since(set) - delay; late > 2*pause {
				t.Errorf("\nseen: SetTimeout(%v), called while the timer loop was falling asleep, ran %v late\nrule: a timer that is added while the loop falls asleep wakes it", delay, late)
			}
		case <-time.After(1000 * time.Hour):
			t.Errorf("\nseen: SetTimeout(%v), called while the timer loop was falling asleep, has not run after 1000 hours\nrule: a timer that is added while the loop falls asleep wakes it", delay)
		}
		before := l.Turns()
		time.Sleep(1000 * time.Hour)
		if turns := l.Turns() - before; turns > 10 {
			t.Errorf("\nseen: the loop went round %d times in 1000 idle hours\nrule: a loop with nothing to do sleeps until it is woken, and does not look now and then", turns)
		}
		for i := range time.Duration(20) { // each sooner than the one before
			l.SetTimeout((20-i)*time.Hour, func() {})
		}
		end()
		synctest.Wait()
		if left := checks.Goroutines() - goroutines; left > 0 {
			t.Errorf("\nseen: 20 times SetTimeout, each sooner than the one before, and when Run has ended %d goroutines are left\nrule: Set never waits, and leaves nobody who does", left)
		}
	})
}
