package looptest_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/looptest"
)

// Every rule quotes the contract, and every sentence of the contract has a rule:
// what is promised is tested, and nothing else is asked.
func TestRulesQuoteTheContract(t *testing.T) {
	introduction, promises := contract(t)
	rules := looptest.Rules()
	names := map[string]string{} // by text
	for name, text := range rules {
		assert.Empty(t, names[text], "%s has the text of another rule", name)
		names[text] = name
		assert.True(t, quotes(introduction, text) || quotes(strings.Join(promises, ". "), text),
			"%s asks what the contract does not say: %s", name, text)
	}
	for _, promise := range promises {
		tested := slices.ContainsFunc(explains, func(start string) bool { return strings.HasPrefix(promise, start) })
		for _, text := range rules {
			tested = tested || quotes(promise, text)
		}
		assert.True(t, tested, "no rule tests that: %s", promise)
	}
}

// quotes reports whether text stands in s, perhaps at the start of a sentence.
func quotes(s, text string) bool {
	return strings.Contains(s, text) || strings.Contains(s, strings.ToUpper(text[:1])+text[1:])
}

// explains begins each sentence of the contract that promises nothing of its own: it
// says why, or what follows from another.
var explains = []string{
	"They wait at most", "Package errgroup", "Here it is simpler", "Go ends a program", "A loop that blocks with nothing pending",
	"Let the last callback", "Or let ctx come", "SetTimeout returns a timer", "Setting the system's clock", "It ends at the last instant",
	"Between timers and CallSoon", "CallSoon puts callback behind", "JavaScript's nearest word", "The article calls it",
	"An event is a call", "The alarm of a stopped timer", "So Turns shows", "A Timer is one call", "A *time.Timer has this method", "It is clearTimeout",
	"No lock is held", "Stop does not wait for the callback", // as NothingBlocks finds out
}

// contract returns the package comment of eventloop.go and what is promised below
// it, sentence by sentence.
func contract(t *testing.T) (introduction string, promises []string) {
	source, err := os.ReadFile("../eventloop.go")
	require.NoError(t, err)
	before, after, _ := strings.Cut(string(source), "\npackage eventloop")
	comments := func(source string) string {
		var words []string
		for line := range strings.Lines(source) {
			if comment, is := strings.CutPrefix(strings.TrimSpace(line), "//"); is {
				words = append(words, strings.Fields(comment)...)
			}
		}
		return strings.NewReplacer("[", "", "]", "", "“", "", "”", "").Replace(strings.Join(words, " "))
	}
	promises = strings.Split(strings.TrimSuffix(comments(after), "."), ". ")
	require.Greater(t, len(promises), 25, "sentences")
	return comments(before), promises
}
