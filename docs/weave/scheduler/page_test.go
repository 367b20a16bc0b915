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

// The board plays what the model finds, with the counts of the table. So does the one on
// paper. All words on it go through say.
func TestTheBoardHasTheCountsOfTheModel(t *testing.T) {
	said := map[string]bool{}
	say := func(words string) string {
		said[words] = true
		return words
	}
	_, board, err := Page(read, say)
	require.NoError(t, err)
	paper, err := Markdown(read, say)
	require.NoError(t, err)
	_, data, found := strings.Cut(string(board), `<script type="application/json" id="plays">`)
	require.True(t, found)
	data, _, _ = strings.Cut(data, "</script>")
	var plays []play
	require.NoError(t, json.Unmarshal([]byte(data), &plays))
	require.Len(t, plays, len(variants))
	for i, v := range variants {
		one, two := v.play(begin(sooner))[0], v.play(begin(time.Minute, sooner))[0]
		assert.Contains(t, string(board), fmt.Sprintf(`<tr><th scope="row">%s</th><td>%d</td><td>%d</td><td>%d</td><td>%d</td></tr>`,
			v.Title, one.orders, one.losing, two.orders, two.losing))
		assert.Contains(t, paper, fmt.Sprintf("| %s | %d | %d | %d | %d |\n", v.Title, one.orders, one.losing, two.orders, two.losing))
		require.Equal(t, v.Title, plays[i].Title)
		var walk func(shown) (orders, losing uint64)
		walk = func(s shown) (orders, losing uint64) {
			for _, to := range s.To {
				if to != 0 {
					o, l := walk(plays[i].Positions[to])
					orders, losing = orders+o, losing+l
				}
			}
			if s.Over {
				orders = 1
			}
			if s.Lost {
				losing = 1
			}
			return orders, losing
		}
		orders, losing := walk(plays[i].Positions[0])
		assert.Equal(t, [2]uint64{one.orders, one.losing}, [2]uint64{orders, losing}, v.Title)
	}
	script, err := files.ReadFile("page.js")
	require.NoError(t, err)
	for _, w := range words {
		assert.True(t, said[w], w)
		assert.Contains(t, string(script), `"`+w+`"`)
	}
}

func TestNoBoardOfAnotherSource(t *testing.T) {
	_, _, err := Page(func(file string) (string, error) {
		text, err := read(file)
		return strings.ReplaceAll(text, "l.until", "l.next"), err
	}, strings.ToUpper)
	assert.ErrorContains(t, err, "l.until")
	_, _, err = Page(func(file string) (string, error) { return "", errors.New("no " + file) }, strings.ToUpper)
	assert.ErrorContains(t, err, "no stage3_event/timers.go")
}
