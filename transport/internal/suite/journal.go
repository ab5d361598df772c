package suite

import (
	"bytes"
	"sync"
)

// Journal keeps the server's log.
type Journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps a line.
func (j *Journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

// String is all of it.
func (j *Journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}
