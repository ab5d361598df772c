package redisstore

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// tick is how often the clock of an embedded server is moved.
const tick = time.Second

// Embedded runs a Redis inside the process, for one process alone and without anything
// written to disk. It listens nowhere: connections to it are made in memory. Keys live up
// to two seconds longer than they were given, never shorter while the process gets to
// run, for its clock is moved once a second. Of clients that nobody knows it holds no more
// than Config.MaxBytes has room for.
func Embedded(ctx context.Context, c Config) (*Store, error) {
	if c.URL != "" || c.Master != "" || c.Cluster || c.TLS != nil {
		return nil, errors.New("embedded redis: it has no address; leave out url, master, cluster and tls")
	}
	c.complete()
	m := newMeter(c)
	e, err := newEmbedded(c.Now, m)
	if err != nil {
		return nil, err
	}
	o := c.base()
	o.Addrs, o.Dialer = []string{"embedded"}, e.dial
	s := c.store(o)
	s.slack, s.stop, s.meter = tick, e.close, m
	s.pass = func() { e.pass(c.Now()) }
	if err := s.greet(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// embedded is a server that lets time pass. front has its connections, and hands what they
// ask to mini, which another takes the place of now and then: see renew.
type embedded struct {
	front *server.Server
	meter *meter
	done  chan struct{}
	once  sync.Once
	wait  sync.WaitGroup

	mu   sync.Mutex
	last time.Time
	// gone is how many keys have expired since mini was new.
	gone int

	turn sync.RWMutex // of mini
	mini *miniredis.Miniredis
}

func newEmbedded(now func() time.Time, m *meter) (*embedded, error) {
	e := &embedded{meter: m, front: server.NewServerConn(), done: make(chan struct{}), last: now()}
	var err error
	if e.mini, err = newMini(e.last); err != nil {
		return nil, err
	}
	e.front.SetPreHook(e.serve)
	e.wait.Go(func() {
		t := time.NewTicker(tick)
		defer t.Stop()
		for {
			select {
			case <-e.done:
				return
			case <-t.C:
				safely(func() { e.pass(now()) })
			}
		}
	})
	return e, nil
}

// safely keeps a panic from ending the process.
func safely(do func()) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("the embedded redis panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
	}()
	do()
}

// pass lets the server's time go on until now. A clock that was set back lets none pass.
func (e *embedded) pass(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	elapsed := now.Sub(e.last)
	e.last = now
	e.mini.SetTime(now)
	if elapsed > 0 {
		e.mini.FastForward(elapsed)
	}
	e.gone += e.meter.pass(now)
	if e.gone >= max(renewAfter, e.meter.count()) {
		e.renew()
	}
}

func (e *embedded) close() {
	e.once.Do(func() {
		close(e.done)
		e.wait.Wait()
		e.front.Close()
		e.mini.Close()
	})
}

// dial returns a connection in memory.
func (e *embedded) dial(context.Context, string, string) (net.Conn, error) {
	select {
	case <-e.done:
		return nil, net.ErrClosed
	default:
	}
	client, serve := net.Pipe()
	e.front.ServeConn(newEager(serve))
	return client, nil
}

// eager is the server's end of a pipe. Its writes do not wait until they are read: the
// server answers the first command of a pipeline while the client is still busy writing
// the last, and both would wait for each other.
type eager struct {
	net.Conn

	mu     sync.Mutex
	more   sync.Cond
	queue  []byte
	closed bool
}

func newEager(c net.Conn) *eager {
	e := &eager{Conn: c}
	e.more.L = &e.mu
	go safely(e.pump)
	return e
}

// Write queues b.
func (e *eager) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return 0, net.ErrClosed
	}
	e.queue = append(e.queue, b...)
	e.more.Signal()
	return len(b), nil
}

// Close ends the connection; what is queued is lost.
func (e *eager) Close() error {
	e.mu.Lock()
	e.closed = true
	e.more.Signal()
	e.mu.Unlock()
	return e.Conn.Close()
}

// pump writes what is queued until the connection ends.
func (e *eager) pump() {
	var batch []byte
	for {
		e.mu.Lock()
		for len(e.queue) == 0 && !e.closed {
			e.more.Wait()
		}
		batch, e.queue = e.queue, batch[:0]
		closed := e.closed
		e.mu.Unlock()
		if closed {
			return
		}
		if _, err := e.Conn.Write(batch); err != nil {
			_ = e.Close()
			return
		}
	}
}
