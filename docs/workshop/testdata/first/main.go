// Command first is a first program on a loop, in chapter 2. It ends in a deadlock
// when its timer is over.
package main

import (
	"context"
	"fmt"
	"time"

	queue "example.com/eventloop/stage2_queue"
)

func main() {
	loop := queue.New()
	loop.SetTimeout(10*time.Millisecond, func() { fmt.Println("hello") })
	_ = loop.Run(context.Background())
}
