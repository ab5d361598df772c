package statetest

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// StartRedis starts a redis-server of its own for the test, on a unix socket and without
// persistence, and returns its URL (unix:///...). The server ends with the test. Where no
// redis-server is on PATH the test is skipped, or fails if the environment variable
// STAGEDOOR_REQUIRE contains "redis".
func StartRedis(t testing.TB) (url string) {
	t.Helper()
	return NewRedis(t).URL
}

// Redis is a redis-server that a test can kill and start again. What it held is gone
// after a kill: it writes nothing to disk.
type Redis struct {
	// URL is where it listens, the same after every start.
	URL string

	t      testing.TB
	args   []string
	socket string
	proc   *exec.Cmd
}

// NewRedis starts a redis-server as [StartRedis] does. Further arguments are put onto
// its command line.
func NewRedis(t testing.TB, args ...string) *Redis {
	t.Helper()
	bin := redisServer(t)
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatalf("start redis: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	r := &Redis{t: t, socket: filepath.Join(dir, "s")}
	r.URL = "unix://" + r.socket
	r.args = append([]string{bin, "--unixsocket", r.socket, "--dir", dir, "--port", "0", "--save", "", "--appendonly", "no"}, args...)
	r.Start()
	t.Cleanup(r.Kill)
	return r
}

// Start starts the server again after a Kill and waits until it answers.
func (r *Redis) Start() {
	r.t.Helper()
	if r.proc != nil {
		r.t.Fatal("start redis: it is running")
	}
	r.proc = exec.Command(r.args[0], r.args[1:]...)
	if err := r.proc.Start(); err != nil {
		r.proc = nil
		r.t.Fatalf("start redis: %v", err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for pong("unix", r.socket) != nil {
		if time.Now().After(deadline) {
			r.t.Fatalf("start redis: no answer on %s within 10 s", r.socket)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Kill ends the server at once, as a crash would; one that has ended stays so.
func (r *Redis) Kill() {
	if r.proc == nil {
		return
	}
	_ = r.proc.Process.Kill()
	_ = r.proc.Wait()
	_ = os.Remove(r.socket)
	r.proc = nil
}

// redisServer returns the path of redis-server, or ends the test.
func redisServer(t testing.TB) string {
	t.Helper()
	bin, err := exec.LookPath("redis-server")
	if err == nil {
		return bin
	}
	if strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), "redis") {
		t.Fatalf("redis-server is required and was not found: %v", err)
	}
	t.Skip("no redis-server on PATH")
	return ""
}

// pong asks a server whether it is there.
func pong(network, address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	b := make([]byte, 16)
	n, err := conn.Read(b)
	if err == nil && !strings.HasPrefix(string(b[:n]), "+PONG") {
		err = errors.New("not ready: " + strings.TrimSpace(string(b[:n])))
	}
	return err
}
