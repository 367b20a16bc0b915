package attack

import (
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var soak = flag.Duration("soak", 300*time.Millisecond, "how long to soak each stage")

func TestLoads(t *testing.T) {
	sizes := map[string]int{
		"timers pending at once":                  20_000,
		"64 goroutines setting and stopping":      100,
		"timers in one run":                       50_000,
		"timers due within nanoseconds":           1_000_000,
		"timers due at once, and calls meanwhile": 20_000,
		"callbacks panic":                         100,
		"callbacks call Goexit":                   100,
		"callbacks cancel":                        100,
		"a callback sets 5000 timers":             2,
		"a callback blocks for a second":          1,
	}
	for _, stage := range loops {
		for _, load := range Loads() {
			t.Run(stage.name+"/"+load.Name, func(t *testing.T) {
				size, ok := sizes[load.Name]
				require.True(t, ok)
				assert.NoError(t, load.Do(NewAccount(stage.new()), size))
			})
		}
	}
}

func TestSoak(t *testing.T) {
	for _, stage := range loops {
		t.Run(stage.name, func(t *testing.T) {
			report, err := Soak(stage.new(), *soak)
			t.Log(report)
			assert.NoError(t, err)
		})
	}
}
