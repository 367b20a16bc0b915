package main

import (
	"fmt"
	"os"
	"testing"
)

// processIsThere reports whether a process is running. One that has ended but
// that its new parent has not waited for, a zombie, is not: in a container
// there may be nobody who does.
func processIsThere(t *testing.T, pid int) bool {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	var number int
	var name, state string
	fmt.Sscanf(string(stat), "%d %s %s", &number, &name, &state)
	return state != "Z" && state != "X"
}
