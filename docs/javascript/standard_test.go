package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/internal/loops"
)

// The rules of HTML hold on each loop and on a busy machine, also the rules that
// Node.js does not follow. The files in testdata/standard are written like those
// of the web-platform-tests, which browsers run.
func TestStandard(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "standard", "*.any.js"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	harness := content(t, filepath.Join("testdata", "harness.js"))
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			compiled, err := goja.Compile(filepath.Base(path), harness+content(t, path), false)
			require.NoError(t, err)
			pass := func(ctx context.Context, stage loops.Stage) {
				var out bytes.Buffer
				o := play(ctx, stage, compiled, &out, &out)
				assert.NoError(t, o.err, "on %s", stage.Dir)
				begun, passed := strings.Count(out.String(), "begins: "), strings.Count(out.String(), "passes: ")
				assert.Positive(t, begun)
				assert.Equal(t, begun, passed, "on %s:\n%s", stage.Dir, &out)
			}
			enough, cancel := context.WithTimeout(t.Context(), time.Minute) // a wrong delay may be days
			defer cancel()
			for _, stage := range stages() {
				pass(enough, stage)
			}
			synctest.Test(t, func(t *testing.T) { pass(t.Context(), busyStage) })
		})
	}
}
