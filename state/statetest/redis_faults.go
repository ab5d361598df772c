package statetest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Pause stops the server where it is: it keeps its connections and answers nothing, as one
// whose machine hangs. Resume has it go on.
func (r *Redis) Pause() { r.signal(syscall.SIGSTOP) }

// Resume has a paused server go on.
func (r *Redis) Resume() { r.signal(syscall.SIGCONT) }

func (r *Redis) signal(s syscall.Signal) {
	r.t.Helper()
	if r.proc == nil {
		r.t.Fatal("redis: it is not running")
	}
	if err := r.proc.Process.Signal(s); err != nil {
		r.t.Fatalf("redis: %v: %v", s, err)
	}
}

// Do sends one command, whose words hold no spaces, and returns the first line of the answer,
// or the text where it is a bulk. An error of Redis begins with a minus.
func (r *Redis) Do(args ...string) string {
	r.t.Helper()
	conn, err := net.DialTimeout("unix", r.socket, time.Second)
	if err != nil {
		r.t.Fatalf("redis: %v", err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := fmt.Fprintf(conn, "%s\r\n", strings.Join(args, " ")); err != nil {
		r.t.Fatalf("redis: %v", err)
	}
	from := bufio.NewReader(conn)
	line, err := from.ReadString('\n')
	if err != nil {
		r.t.Fatalf("redis: %v", err)
	}
	line = strings.TrimSpace(line)
	var size int
	if n, err := fmt.Sscanf(line, "$%d", &size); err == nil && n == 1 && size > 0 {
		text := make([]byte, size)
		for got := 0; got < size; {
			n, err := from.Read(text[got:])
			if err != nil {
				r.t.Fatalf("redis: %v", err)
			}
			got += n
		}
		return string(text)
	}
	return line
}

// StartRedisFailover starts a master with a replica, and a Sentinel that makes the replica the
// master when this one has not answered for a second. It returns the master, and the host:port
// of the Sentinel. It is skipped, or fails, as [StartRedis] does.
func StartRedisFailover(t testing.TB, name string) (master *Redis, sentinel string) {
	t.Helper()
	port, second, watch := unusedPort(t), unusedPort(t), unusedPort(t)
	master = NewRedis(t, "--port", port, "--bind", "127.0.0.1")
	replica := NewRedis(t, "--port", second, "--bind", "127.0.0.1", "--replicaof", "127.0.0.1", port, "--repl-diskless-sync-delay", "0")
	// A Sentinel asks the master for its replicas at the start, and then every ten seconds.
	await(t, "the replica follows", func() bool {
		return strings.Contains(replica.Do("INFO", "replication"), "master_link_status:up")
	})
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	lines := fmt.Sprintf("port %s\nbind 127.0.0.1\ndir %s\nsentinel monitor %s 127.0.0.1 %s 1\n"+
		"sentinel down-after-milliseconds %[3]s 1000\nsentinel failover-timeout %[3]s 3000\n", watch, filepath.Dir(conf), name, port)
	if err := os.WriteFile(conf, []byte(lines), 0o600); err != nil {
		t.Fatalf("start sentinel: %v", err)
	}
	launch(t, exec.Command(redisServer(t), conf, "--sentinel"), net.JoinHostPort("127.0.0.1", watch))
	sentinel = net.JoinHostPort("127.0.0.1", watch)
	await(t, "the sentinel knows the replica", func() bool { return strings.Contains(redisDo(t, sentinel, "INFO", "sentinel"), "slaves=1") })
	return master, sentinel
}

// await waits for something that servers bring about.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}
