package outages

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// slow stands between a server and its database, and passes answers on late.
type slow struct {
	addr string
	// late is how late, in nanoseconds.
	late atomic.Int64
}

// newSlow passes connections on to an address until the test ends.
func newSlow(t *testing.T, target string) *slow {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &slow{addr: l.Addr().String()}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() {
				_, _ = io.Copy(behind, client)
				_, _ = client.Close(), behind.Close()
			}()
			go s.answer(client, behind)
		}
	}()
	return s
}

// answer passes on what the database says.
func (s *slow) answer(client, behind net.Conn) {
	defer func() { _, _ = client.Close(), behind.Close() }()
	b := make([]byte, 64<<10)
	for {
		n, err := behind.Read(b)
		if err != nil {
			return
		}
		time.Sleep(time.Duration(s.late.Load()))
		if _, err := client.Write(b[:n]); err != nil {
			return
		}
	}
}
