//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// hangUp returns the signal that says that the terminal was closed, unless somebody
// had it ignored, as nohup does.
func hangUp() []os.Signal {
	if signal.Ignored(syscall.SIGHUP) {
		return nil
	}
	return []os.Signal{syscall.SIGHUP}
}
