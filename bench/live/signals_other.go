//go:build !unix

package main

import "os"

// hangUp returns nothing: where a window is closed, Windows says SIGTERM.
func hangUp() []os.Signal { return nil }
