package attack

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/internal/loops"
	"example.com/eventloop/internal/source"
)

// The system's clock can be set, the monotonic one cannot. A loop does not notice if it
// only asks how long ago it was made. So a stage may use of package time only what is
// listed here, and of the instant at which it was made only what time.Since makes of it.
//
// The other half is to set the clock while the tests run: .ci/run clock.
func TestNoStageReadsTheWallClock(t *testing.T) {
	const made, asked = "l.start = time.Now()", "time.Since(l.start)"
	allowed := []string{"time.Duration", "time.Time", "time.Timer", "time.NewTimer"}
	for _, stage := range loops.Stages {
		t.Run(stage.Dir, func(t *testing.T) {
			files, err := filepath.Glob(filepath.Join("..", "..", stage.Dir, "*.go"))
			require.NoError(t, err)
			code := ""
			for _, name := range files {
				if strings.HasSuffix(name, "_test.go") {
					continue
				}
				src, err := os.ReadFile(name)
				require.NoError(t, err)
				file, err := source.Parse(name, string(src))
				require.NoError(t, err)
				for _, comment := range file.AST.Comments {
					src = []byte(strings.Replace(string(src), file.Text(comment), "", 1))
				}
				code += string(src)
			}
			assert.Equal(t, 1, strings.Count(code, made), made)
			assert.Contains(t, code, asked)
			code = strings.NewReplacer(made, "", asked, "").Replace(code)
			for _, used := range regexp.MustCompile(`\btime\.\w+`).FindAllString(code, -1) {
				assert.Contains(t, allowed, used)
			}
			assert.NotContains(t, code, "l.start", "only to ask how long ago that was")
		})
	}
}
