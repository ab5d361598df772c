package redisstore_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between the store and a server, and loses answers.
type proxy struct {
	addr string
	// cuts is how many answers are still to be lost, with their connection, those to the
	// greeting of a new one excepted; frozen keeps back all answers.
	cuts   atomic.Int64
	frozen atomic.Bool
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String()}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial(u.Scheme, u.Path)
			if err != nil {
				_ = client.Close()
				continue
			}
			t.Cleanup(func() { _, _ = client.Close(), behind.Close() })
			wg.Go(func() { _, _ = io.Copy(behind, client); _ = behind.Close() })
			wg.Go(func() { p.answers(client, behind) })
		}
	})
	t.Cleanup(func() { _ = l.Close() })
	return p
}

// answers passes on what the server says.
func (p *proxy) answers(client, server net.Conn) {
	defer func() { _, _ = client.Close(), server.Close() }()
	b := make([]byte, 64<<10)
	for greeted := false; ; greeted = true {
		n, err := server.Read(b)
		if err != nil {
			return
		}
		if p.frozen.Load() {
			continue
		}
		if greeted && p.cuts.Load() > 0 {
			p.cuts.Add(-1)
			return
		}
		if _, err := client.Write(b[:n]); err != nil {
			return
		}
	}
}

// cut loses the next n answers.
func (p *proxy) cut(n int64) { p.cuts.Store(n) }

// freeze loses all answers and keeps the connections.
func (p *proxy) freeze() { p.frozen.Store(true) }
