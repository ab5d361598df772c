package suite

import (
	"runtime"
	"sync"
)

// AtOnce runs f n times at once and returns what each gave.
func AtOnce[T any](n int, f func(i int) T) []T {
	out := make([]T, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			out[i] = f(i)
		})
	}
	runtime.Gosched()
	close(start)
	wg.Wait()
	return out
}
