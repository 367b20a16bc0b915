package keep

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No file takes the place of another, be they of one second.
func TestFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, want := range []string{"x-20260102-030405.csv", "x-20260102-030405-2.csv", "x-20260102-030405-3.csv"} {
		file, err := File(dir, "x", ".csv", at)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		assert.Equal(t, filepath.Join(dir, want), file.Name())
	}
	ignored, err := os.ReadFile(filepath.Join(dir, ".gitignore"))
	require.NoError(t, err)
	assert.Equal(t, "*\n", string(ignored))

	inFile := filepath.Join(dir, ".gitignore", "c")
	assert.Error(t, Folder(inFile))
	_, err = File(inFile, "x", "", at)
	assert.Error(t, err)
}
