// Command first is a first program on a loop, in chapter 2. Its callback cancels the
// context, and so ends Run.
package main

import (
	"context"
	"fmt"
	"time"

	queue "example.com/eventloop/stage2_queue"
)

func main() {
	loop := queue.New()
	ctx, cancel := context.WithCancel(context.Background())
	loop.SetTimeout(10*time.Millisecond, func() {
		fmt.Println("hello")
		cancel()
	})
	_ = loop.Run(ctx)
	fmt.Println("Run has returned")
}
