package scheduler

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the page in the repository says and plays is what the model finds: the counts
// in its table, and those that one gets who goes along every order on it.
func TestThePageHasTheCountsOfTheModel(t *testing.T) {
	page := read(t, "docs/pages/scheduler.html")
	_, data, found := strings.Cut(page, `<script type="application/json" id="plays">`)
	require.True(t, found)
	data, _, _ = strings.Cut(data, "</script>")
	var plays []play
	require.NoError(t, json.Unmarshal([]byte(data), &plays))
	require.Len(t, plays, len(variants))
	for i, v := range variants {
		one, two := v.play(begin(sooner))[0], v.play(begin(time.Minute, sooner))[0]
		assert.Contains(t, page, fmt.Sprintf(`<tr><th scope="row">%s</th><td>%d</td><td>%d</td><td>%d</td><td>%d</td></tr>`,
			v.Title, one.orders, one.losing, two.orders, two.losing))
		require.Equal(t, v.Title, plays[i].Title)
		var walk func(shown) (orders, losing uint64)
		walk = func(s shown) (orders, losing uint64) {
			if s.Over {
				orders = 1
			}
			if s.Lost {
				losing = 1
			}
			for _, to := range s.To {
				if to != 0 {
					o, l := walk(plays[i].Positions[to])
					orders, losing = orders+o, losing+l
				}
			}
			require.Equal(t, [2]uint64{s.Orders, s.Losing}, [2]uint64{orders, losing}, "%s: %+v", v.Title, s)
			return orders, losing
		}
		orders, losing := walk(plays[i].Positions[0])
		assert.Equal(t, [2]uint64{one.orders, one.losing}, [2]uint64{orders, losing}, v.Title)
	}
}

func TestNoPageOfAnotherSource(t *testing.T) {
	_, _, err := Page(func(file string) (string, error) {
		return strings.ReplaceAll(read(t, file), "l.asleep", "l.sleeping"), nil
	})
	assert.ErrorContains(t, err, "l.asleep")
	_, _, err = Page(func(file string) (string, error) { return "", errors.New("no " + file) })
	assert.ErrorContains(t, err, "no stage3_event/timers.go")
}
