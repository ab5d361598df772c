package statetest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// StartRedisCluster starts a Cluster of three masters without replicas for the test and
// returns its URL. It is skipped, or fails, as [StartRedis] does.
func StartRedisCluster(t testing.TB) (url string) {
	t.Helper()
	return NewRedisCluster(t, false).URL
}

// RedisCluster is a Cluster of three masters, of which a test can kill some.
type RedisCluster struct {
	// URL names the masters, as they were at the start.
	URL string
	// Masters and Replicas are where they are, host:port; each replica is of the master in its
	// place.
	Masters, Replicas []string

	t     testing.TB
	nodes map[string]*exec.Cmd
}

// NewRedisCluster starts a Cluster as [StartRedisCluster] does, with a replica of each master if
// asked to: it takes over about two seconds after its master has been killed.
func NewRedisCluster(t testing.TB, replicas bool) *RedisCluster {
	t.Helper()
	c := &RedisCluster{t: t, nodes: make(map[string]*exec.Cmd)}
	bin := redisServer(t)
	const slots = 16384
	for i := range 3 {
		host := c.start(bin)
		c.Masters = append(c.Masters, host)
		first, last := i*slots/3, (i+1)*slots/3-1
		if r := redisDo(t, host, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(first), strconv.Itoa(last)); !strings.HasPrefix(r, "+OK") {
			t.Fatalf("cluster addslotsrange: %s", r)
		}
		if replicas {
			c.Replicas = append(c.Replicas, c.start(bin))
		}
	}
	c.URL = "redis://" + strings.Join(c.Masters, ",")
	all := slices.Concat(c.Masters, c.Replicas)
	for _, host := range all[1:] {
		h, p, _ := net.SplitHostPort(host)
		if r := redisDo(t, all[0], "CLUSTER", "MEET", h, p, clusterInfo(t, host, "bus")); !strings.HasPrefix(r, "+OK") {
			t.Fatalf("cluster meet %s: %s", host, r)
		}
	}
	for _, host := range all {
		c.until("all nodes know each other", func() bool { return clusterInfo(t, host, "cluster_known_nodes") == strconv.Itoa(len(all)) })
	}
	for i, host := range c.Replicas {
		id := strings.TrimSpace(redisDo(t, c.Masters[i], "CLUSTER", "MYID"))
		c.until(host+" is a replica", func() bool { return strings.HasPrefix(redisDo(t, host, "CLUSTER", "REPLICATE", id), "+OK") })
		c.until(host+" follows its master", func() bool { return strings.Contains(redisDo(t, host, "INFO", "replication"), "master_link_status:up") })
	}
	for _, host := range all {
		c.until(host+" is ready", func() bool { return clusterReady(t, host, len(c.Masters)) })
	}
	return c
}

// start starts a node.
func (c *RedisCluster) start(bin string) (host string) {
	c.t.Helper()
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		c.t.Fatalf("start cluster: %v", err)
	}
	c.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port, bus := unusedPort(c.t), unusedPort(c.t)
	proc := exec.Command(bin, "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no",
		"--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0")
	host = net.JoinHostPort("127.0.0.1", port)
	launch(c.t, proc, host)
	c.nodes[host] = proc
	return host
}

// Kill ends a node at once, as a crash would.
func (c *RedisCluster) Kill(host string) {
	c.t.Helper()
	proc := c.nodes[host]
	if proc == nil {
		c.t.Fatalf("redis cluster: there is no node %s", host)
	}
	_ = proc.Process.Kill()
}

// Replicated waits until replicas have what their masters have.
func (c *RedisCluster) Replicated() {
	c.t.Helper()
	for i, host := range c.Replicas {
		c.until(host+" has all", func() bool {
			return replicated(c.t, c.Masters[i], "master_repl_offset") == replicated(c.t, host, "slave_repl_offset")
		})
	}
}

// TakenOver waits until the replica in a place is the master, and all that are left know.
func (c *RedisCluster) TakenOver(i int) {
	c.t.Helper()
	c.until("the replica has taken over", func() bool {
		return strings.Contains(redisDo(c.t, c.Replicas[i], "INFO", "replication"), "role:master")
	})
	for host := range c.nodes {
		if host != c.Masters[i] {
			c.until(host+" is ready again", func() bool { return clusterReady(c.t, host, len(c.Masters)) })
		}
	}
}

// until waits for something to be so.
func (c *RedisCluster) until(what string, so func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("redis cluster: after 30 s it is not so that %s", what)
		}
	}
}

// replicated returns a value of INFO replication.
func replicated(t testing.TB, host, name string) string {
	t.Helper()
	for line := range strings.Lines(redisDo(t, host, "INFO", "replication")) {
		if key, value, _ := strings.Cut(strings.TrimSpace(line), ":"); key == name {
			return value
		}
	}
	return ""
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
