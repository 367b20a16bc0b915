package attack

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The system's clock can be set, the monotonic one cannot. A loop that only asks
// how long ago it was made, and only of a time that still has its monotonic
// reading, does not notice. So of package time a stage may use what is listed
// here, and of the time when it was made only what time.Since makes of it.
// (The other half is to set the clock while the tests run: the command figures
// does that.)
func TestNoStageReadsTheWallClock(t *testing.T) {
	allowed := map[string]bool{"Duration": true, "Time": true, "Timer": true, "NewTimer": true, "Now": true, "Since": true}
	for _, stage := range loops {
		t.Run(stage.name, func(t *testing.T) {
			files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(stage.dir), "*.go"))
			require.NoError(t, err)
			var made, asked int
			for _, file := range files {
				if strings.HasSuffix(file, "_test.go") {
					continue
				}
				src, err := os.ReadFile(file)
				require.NoError(t, err)
				set := token.NewFileSet()
				parsed, err := parser.ParseFile(set, file, src, parser.SkipObjectResolution)
				require.NoError(t, err)
				text := func(n ast.Node) string {
					return string(src[set.Position(n.Pos()).Offset:set.Position(n.End()).Offset])
				}
				ast.Inspect(parsed, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.AssignStmt:
						if text(n) == "l.start = time.Now()" {
							made++
							return false
						}
					case *ast.CallExpr:
						if text(n) == "time.Since(l.start)" {
							asked++
							return false
						}
					case *ast.SelectorExpr:
						at := set.Position(n.Pos())
						assert.NotEqual(t, "time.Now", text(n), "%v: only to know when the loop was made", at)
						assert.NotEqual(t, "start", n.Sel.Name, "%v: only to ask how long ago that was", at)
						if text(n.X) == "time" {
							assert.True(t, allowed[n.Sel.Name], "%v: %s", at, text(n))
						}
					}
					return true
				})
			}
			assert.Equal(t, 1, made, "l.start = time.Now()")
			assert.Positive(t, asked, "time.Since(l.start)")
		})
	}
}
