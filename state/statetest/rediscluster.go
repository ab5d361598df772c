package statetest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// StartRedisCluster starts a Cluster of three masters without replicas for the test and
// returns its URL. It is skipped, or fails, as [StartRedis] does.
func StartRedisCluster(t testing.TB) (url string) {
	t.Helper()
	bin := redisServer(t)
	var hosts []string
	for i := range 3 {
		hosts = append(hosts, startNode(t, bin, i))
	}
	for _, host := range hosts[1:] {
		h, p, _ := net.SplitHostPort(host)
		bus := clusterInfo(t, host, "bus")
		if r := redisDo(t, hosts[0], "CLUSTER", "MEET", h, p, bus); !strings.HasPrefix(r, "+OK") {
			t.Fatalf("cluster meet %s: %s", host, r)
		}
	}
	for _, host := range hosts {
		for deadline := time.Now().Add(30 * time.Second); !clusterReady(t, host, len(hosts)); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("start cluster: %s is not ready within 30 s", host)
			}
		}
	}
	return "redis://" + strings.Join(hosts, ",")
}

// startNode starts one node with a third of the slots.
func startNode(t testing.TB, bin string, i int) (host string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatalf("start cluster: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port, bus := unusedPort(t), unusedPort(t)
	proc := exec.Command(bin, "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no",
		"--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "5000")
	host = net.JoinHostPort("127.0.0.1", port)
	launch(t, proc, host)
	const slots = 16384
	first, last := i*slots/3, (i+1)*slots/3-1
	if r := redisDo(t, host, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(first), strconv.Itoa(last)); !strings.HasPrefix(r, "+OK") {
		t.Fatalf("cluster addslotsrange: %s", r)
	}
	return host
}

// StartRedisSentinel starts a master and one Sentinel that watches it under the name, and
// returns the URL of the Sentinel. It is skipped, or fails, as [StartRedis] does.
func StartRedisSentinel(t testing.TB, master string) (url string) {
	t.Helper()
	port, watch := unusedPort(t), unusedPort(t)
	NewRedis(t, "--port", port, "--bind", "127.0.0.1")
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatalf("start sentinel: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	conf := filepath.Join(dir, "sentinel.conf")
	lines := fmt.Sprintf("port %s\nbind 127.0.0.1\ndir %s\nsentinel monitor %s 127.0.0.1 %s 1\n", watch, dir, master, port)
	if err := os.WriteFile(conf, []byte(lines), 0o600); err != nil {
		t.Fatalf("start sentinel: %v", err)
	}
	launch(t, exec.Command(redisServer(t), conf, "--sentinel"), net.JoinHostPort("127.0.0.1", watch))
	return "redis://" + net.JoinHostPort("127.0.0.1", watch)
}

// launch starts a server and waits until it answers; it ends with the test.
func launch(t testing.TB, proc *exec.Cmd, host string) {
	t.Helper()
	if err := proc.Start(); err != nil {
		t.Fatalf("start redis: %v", err)
	}
	t.Cleanup(func() { _, _ = proc.Process.Kill(), proc.Wait() })
	for deadline := time.Now().Add(10 * time.Second); pong("tcp", host) != nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("start redis: no answer on %s within 10 s", host)
		}
	}
}

// clusterReady reports whether a node knows all nodes and which of them serves each slot.
func clusterReady(t testing.TB, host string, nodes int) bool {
	t.Helper()
	return clusterInfo(t, host, "cluster_state") == "ok" && clusterInfo(t, host, "cluster_size") == strconv.Itoa(nodes)
}

// clusterInfo returns a value of CLUSTER INFO, or the port of the node's bus.
func clusterInfo(t testing.TB, host, name string) string {
	t.Helper()
	if name == "bus" { // "id 127.0.0.1:port@bus myself,..."
		line := redisDo(t, host, "CLUSTER", "NODES")
		_, after, _ := strings.Cut(line, "@")
		bus, _, _ := strings.Cut(after, " ")
		return bus
	}
	for line := range strings.Lines(redisDo(t, host, "CLUSTER", "INFO")) {
		if key, value, _ := strings.Cut(strings.TrimSpace(line), ":"); key == name {
			return value
		}
	}
	return ""
}

// redisDo sends one command and returns the answer as Redis writes it, without the length
// of a bulk.
func redisDo(t testing.TB, host string, args ...string) string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", host, time.Second)
	if err != nil {
		t.Fatalf("redis at %s: %v", host, err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := fmt.Fprintf(conn, "%s\r\n", strings.Join(args, " ")); err != nil {
		t.Fatalf("redis at %s: %v", host, err)
	}
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if n, isBulk := strings.CutPrefix(line, "$"); err == nil && isBulk {
		size, _ := strconv.Atoi(strings.TrimSpace(n))
		b := make([]byte, max(size, 0))
		for got := 0; got < len(b) && err == nil; {
			var k int
			k, err = r.Read(b[got:])
			got += k
		}
		line = string(b)
	}
	if err != nil {
		t.Fatalf("redis at %s: %v", host, err)
	}
	return line
}

// unusedPort returns a port that nobody listened on a moment ago.
func unusedPort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
