package redisstore

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
	"stagedoor/state/statetest"
)

var called = regexp.MustCompile(`redis\.p?call\('([A-Z]+)'`)

// commands are those that the scripts of the store run, but for the one that tries them, and
// those that it sends by itself.
func commands(t *testing.T) []string {
	t.Helper()
	all := []string{"get", "set"}
	lua := newScripts()
	for _, s := range lua.all() {
		if s == lua.ready {
			continue
		}
		for _, m := range called.FindAllStringSubmatch(s.source, -1) {
			all = append(all, strings.ToLower(m[1]))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestReadyTriesAll: what makes a server ready runs every command that is run otherwise.
func TestReadyTriesAll(t *testing.T) {
	tried := map[string]bool{}
	for _, m := range called.FindAllStringSubmatch(luaReady, -1) {
		tried[strings.ToLower(m[1])] = true
	}
	for _, c := range commands(t) {
		if !tried[c] {
			t.Errorf("a script runs %s, and luaReady does not", c)
		}
		delete(tried, c)
	}
	for c := range tried {
		t.Errorf("luaReady runs %s, and nothing else does", c)
	}
}

// leastACL is the rule that the README gives.
func leastACL(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "ACL SETUSER stagedoor on '>PASSWORD' ")
	rule, _, end := strings.Cut(rest, "\n")
	if !ok || !end {
		t.Fatal("the README has no rule of the least ACL")
	}
	return rule
}

// admin may do everything.
func admin(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// openAs opens a store as a user with the rule.
func openAs(t *testing.T, url, rule string) (*Store, error) {
	t.Helper()
	args := []any{"ACL", "SETUSER", "app", "reset", "on", ">secret"}
	for _, word := range strings.Fields(rule) {
		args = append(args, word)
	}
	if err := admin(t, url).Do(t.Context(), args...).Err(); err != nil {
		t.Fatalf("acl setuser %s: %v", rule, err)
	}
	s, err := Open(t.Context(), Config{URL: strings.Replace(url, "unix://", "unix://app:secret@", 1), Prefix: "stagedoor:"})
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
	}
	return s, err
}

// TestLeastACL: the rule of the README is enough for everything, and without any word of it
// the server does not start, or says that it is not ready.
func TestLeastACL(t *testing.T) {
	t.Parallel()
	url := statetest.StartRedis(t)
	rule := leastACL(t)
	s, err := openAs(t, url, rule)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
	walk(t, s)
	for _, c := range commands(t) {
		if !strings.Contains(rule+" ", "+"+c+" ") {
			t.Errorf("the rule lacks +%s, which a script runs", c)
		}
	}
	for _, word := range strings.Fields(rule) {
		if !strings.HasPrefix(word, "+") || word == "+time" || word == "+select" || strings.HasPrefix(word, "+cluster") {
			continue // these are for what is told beside the rule
		}
		without, err := openAs(t, url, strings.Replace(rule+" ", " "+word+" ", " ", 1))
		// A server that was restarted knows no script, and is sent them in full.
		if flushed := s.client.ScriptFlush(t.Context()).Err(); flushed == nil {
			t.Fatal("the rule lets its user flush scripts")
		}
		if err := admin(t, url).ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if err == nil && without.Ready(t.Context()) == nil {
			t.Errorf("%s is not needed", word)
		}
	}
}

// walk does what turns do.
func walk(t *testing.T, s *Store) {
	t.Helper()
	now := time.Now()
	key := engine.Key(strings.Repeat("ab", 32))
	takes := []engine.Take{{Key: "t", Max: 5, Per: time.Minute}}
	if _, refusal, err := s.Load(t.Context(), key, takes, now); err != nil || refusal != nil {
		t.Errorf("load: %v, %v", refusal, err)
	}
	if _, won, err := s.Swap(t.Context(), engine.Swap{Key: key, Record: engine.Record{Version: 1}, TTL: time.Minute, Now: now}); err != nil || !won {
		t.Errorf("swap: %v, %v", won, err)
	}
	if first, err := s.Once(t.Context(), "x", now.Add(time.Minute), now); err != nil || !first {
		t.Errorf("once: %v, %v", first, err)
	}
	if _, ok, err := s.Time(t.Context()); err != nil || !ok {
		t.Errorf("time: %v, %v", ok, err)
	}
	if err := s.End(t.Context(), key, engine.Tombstone{}); err != nil {
		t.Errorf("end: %v", err)
	}
}

// TestNotReady: where Redis takes no writes, that is found out although it answers.
func TestNotReady(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"full":               {"CONFIG", "SET", "maxmemory", "1"},
		"a replica":          {"REPLICAOF", "127.0.0.1", "1"},
		"no replica to copy": {"CONFIG", "SET", "min-replicas-to-write", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := statetest.StartRedis(t)
			s, err := Open(t.Context(), Config{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			all := make([]any, len(args))
			for i, a := range args {
				all[i] = a
			}
			if err := s.client.Do(t.Context(), all...).Err(); err != nil {
				t.Fatal(err)
			}
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			if err := s.Ready(t.Context()); err == nil {
				t.Error("it is ready")
			}
		})
	}
}

// TestReadyCluster: every master is asked, and slots without one are missed.
func TestReadyCluster(t *testing.T) {
	t.Parallel()
	cluster := statetest.NewRedisCluster(t, false)
	s, err := Open(t.Context(), Config{URL: cluster.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keys, err := s.readyKeys(t.Context())
	if err != nil || len(keys) != 3 {
		t.Errorf("keys %v, %v", keys, err)
	}
	for _, key := range keys {
		if slot, err := s.client.ClusterKeySlot(t.Context(), key).Result(); err != nil || int(slot) != slotOf(key) {
			t.Errorf("%s is in slot %d, not %d: %v", key, slot, slotOf(key), err)
		}
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	cluster.Kill(cluster.Masters[2])
	if err := s.Ready(t.Context()); err == nil {
		t.Error("it is ready with a master that is dead")
	}
}

// TestLeastACLOfACluster: what the README says besides is what a Cluster needs.
func TestLeastACLOfACluster(t *testing.T) {
	t.Parallel()
	cluster := statetest.NewRedisCluster(t, false)
	besides := "+cluster|slots +asking" // that where slots move
	readme, err := os.ReadFile(filepath.Join("..", "..", "..", "README.md"))
	if err != nil || !strings.Contains(string(readme), "a Cluster needs `"+besides+"` besides") {
		t.Errorf("the README does not say %s: %v", besides, err)
	}
	for _, host := range cluster.Masters {
		c := redis.NewClient(&redis.Options{Addr: host})
		args := []any{"ACL", "SETUSER", "app", "reset", "on", ">secret"}
		for _, word := range strings.Fields(leastACL(t) + " " + besides) {
			args = append(args, word)
		}
		if err := c.Do(t.Context(), args...).Err(); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
	}
	s, err := Open(t.Context(), Config{URL: strings.Replace(cluster.URL, "redis://", "redis://app:secret@", 1), Prefix: "stagedoor:"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
	walk(t, s)
}
