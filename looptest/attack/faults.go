package attack

import "time"

// faults has every tenth callback do something that ends Run.
func faults(fault func(cancel func())) func(*Account, int) error {
	return func(a *Account, n int) error {
		cancel, end := serve(a.Loop)
		for i := range n * 10 {
			var callback func()
			if i%10 == 0 {
				callback = func() { fault(cancel) }
			}
			if i%20 < 10 {
				a.CallSoon(callback)
			} else {
				a.SetTimeout(time.Duration(i%7)*100*time.Microsecond, callback)
			}
		}
		return settle(a, end)
	}
}

// fans has callbacks set thousands of timers.
func fans(a *Account, n int) error {
	const timers = 5000
	_, end := serve(a.Loop)
	for range n {
		a.SetTimeout(time.Millisecond, func() {
			for i := range timers {
				a.SetTimeout(time.Duration(i)*time.Microsecond, nil)
			}
		})
	}
	return settle(a, end)
}

// blocks has callbacks that keep the loop for a second each, while others fall
// due and are added.
func blocks(a *Account, n int) error {
	_, end := serve(a.Loop)
	for range n {
		a.CallSoon(func() { time.Sleep(time.Second) })
		for i := range 1000 {
			a.SetTimeout(time.Duration(i)*time.Millisecond, nil)
		}
		time.Sleep(500 * time.Millisecond)
		for range 1000 {
			a.CallSoon(nil)
			a.SetTimeout(0, nil)
		}
	}
	return settle(a, end)
}
