// Package keep makes the files in which the commands here keep what was measured
// or guessed.
package keep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Folder makes dir, unless it is there, and hides it from git, in whatever
// repository it is. It is an error if nothing can be written to it.
func Folder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o644)
}

// File makes a new file in dir, as Folder does that. It has the time in its name: what
// and ext are around it. If there is one of that second it has a number as well.
func File(dir, what, ext string, at time.Time) (*os.File, error) {
	if err := Folder(dir); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, what+"-"+at.Format("20060102-150405"))
	for full, n := name+ext, 2; ; n++ {
		file, err := os.OpenFile(full, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
		full = fmt.Sprintf("%s-%d%s", name, n, ext)
	}
}
