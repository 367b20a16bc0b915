package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// publish writes files into dir, all or none: each is first written beside
// its place, and only when all of them are is any put in it. (What can still
// fail then is a rename, which needs no space and no time.)
func publish(dir string, files map[string][]byte) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(dir, ".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(temp, name), files[name], 0o644); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(temp, name), filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("putting %s in its place: %w", name, err)
		}
	}
	return nil
}
