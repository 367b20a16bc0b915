package attack

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// Many timers, few deadlines, set in no order: where deadlines are equal the
// order is that of setting. In a bubble the clock stands still while they are
// set, so that deadlines are equal; and all are due before Run begins, so that a
// loop that spins can be asked as well. (A sort that is not stable keeps what is
// in order already, and only disturbs the rest.)
func TestManyTimersFewDeadlines(t *testing.T) {
	type set struct {
		delay time.Duration
		n     int
	}
	for _, stage := range loops {
		t.Run(stage.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(1, 1))
				l := stage.new()
				var want, got []set
				for n := range 1000 {
					s := set{time.Duration(random.IntN(5)) * time.Microsecond, n}
					want = append(want, s)
					l.SetTimeout(s.delay, func() { got = append(got, s) })
				}
				slices.SortFunc(want, func(a, b set) int {
					return cmp.Or(cmp.Compare(a.delay, b.delay), cmp.Compare(a.n, b.n))
				})
				ctx, cancel := context.WithCancel(t.Context())
				l.SetTimeout(5*time.Microsecond, cancel)
				time.Sleep(5 * time.Microsecond)
				assert.ErrorIs(t, l.Run(ctx), context.Canceled)
				assert.Equal(t, want, got)
			})
		})
	}
}
