package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/transport/bench"
)

// sizeRows are what is counted rather than timed.
func sizeRows() []row {
	return []row{
		{"allocations", "allocations: config / nobody's session / signed-in read / log-in step", "", "≤ 10 / 15 / 40 / 45", allocations},
		{"idle", "resident memory, idle, all embedded", "a bare Go server", "≤ 28 MiB", func(b *bed, _ options) (figures, error) {
			return b.idle("all embedded, idle", cheap)
		}},
		{"idle-external", "resident memory, idle, with PostgreSQL and Redis", "a bare Go server", "≤ 20 MiB", idleExternal},
		{"run-embedded", "a waiting run in the embedded store", "", "≤ 700 B", runEmbedded},
		{"run-redis", "a waiting run in Redis, key included", "the same, written out by hand", "≤ 450 B", runRedis},
		{"storm", "p50 of a session read beside a storm of log-ins", "the same alone", "≤ 2 times", storm},
		{"scale", "CPU of a session read beside 1 000 000 others", "the same beside ten", "1", scale},
	}
}

// counted are the benchmarks whose allocations are told, in the order of the row.
var counted = [...]struct{ pkg, pattern, name string }{
	{"./transport/server", "^BenchmarkSession$", "BenchmarkSession/config"},
	{"./transport/server", "^BenchmarkSession$", "BenchmarkSession/nobody"},
	{"./transport/server", "^BenchmarkSession$", "BenchmarkSession/signed_in"},
	{"./engine", "^BenchmarkStep$/^password$", "BenchmarkStep/password"},
}

// allocations runs the benchmarks of the packages.
func allocations(b *bed, _ options) (figures, error) {
	said := make(map[string]string)
	var counts []string
	for _, c := range counted {
		if said[c.pkg] == "" {
			b.say("go test -run NONE -bench " + c.pattern + " -benchmem " + c.pkg)
			cmd := exec.CommandContext(b.ctx, "go", "test", "-run", "NONE", "-bench", c.pattern, "-benchmem", "-benchtime", "2000x", c.pkg)
			cmd.Dir = b.checkout
			out, err := cmd.CombinedOutput()
			if err != nil {
				return figures{}, fmt.Errorf("go test %s: %w\n%s", c.pkg, err, out)
			}
			said[c.pkg] = string(out)
		}
		n, err := allocsPerOp(said[c.pkg], c.name)
		if err != nil {
			return figures{}, err
		}
		counts = append(counts, strconv.Itoa(n))
	}
	return figures{[]string{strings.Join(counts, " / "), "–"}, counts}, nil
}

// allocsPerOp finds a benchmark in what go test prints.
func allocsPerOp(said, name string) (int, error) {
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `(?:-\d+)?\s.*\s(\d+) allocs/op`).FindStringSubmatch(said)
	if m == nil {
		return 0, fmt.Errorf("go test printed no allocations of %s:\n%s", name, said)
	}
	return strconv.Atoi(m[1])
}

// settled is how long a server is left alone before its memory is read.
const settled = 5 * time.Second

// idle reads the memory of a server that nobody has asked anything.
func (b *bed) idle(name, more string) (figures, error) {
	s, err := b.stagedoor(name, more)
	if err != nil {
		return figures{}, err
	}
	bare, err := b.bareNamed("bare, idle")
	if err != nil {
		return figures{}, err
	}
	time.Sleep(settled)
	own, err := bench.Resident(s.pid)
	base, err2 := bench.Resident(bare.pid)
	return figures{[]string{mib(own), mib(base)}, []int64{own, base}}, errors.Join(err, err2)
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

// idleExternal is that of a server whose stores are elsewhere.
func idleExternal(b *bed, _ options) (figures, error) {
	store, err := b.redis()
	if err != nil {
		return figures{}, err
	}
	database, err := b.postgres()
	if err != nil {
		return figures{}, err
	}
	return b.idle("with external stores", cheap+"redis: {url: \"redis://"+store.address+"/1\"}\ndatabase: {url: \""+database+"\"}\n")
}

// abandon leaves sign-ins waiting for a second factor.
func abandon(b *bed, s *child, n int) error {
	r, err := bench.Run(b.ctx, s.target(), bench.Load{Journey: "abandon", Connections: 8, Count: n}, nil)
	if err == nil && r.Done < n {
		err = fmt.Errorf("%d of %d sign-ins wait: %v", r.Done, n, r.Failures)
	}
	return err
}

// perRun is how much a size grows by a waiting run. What else grows with the first of them does before.
func perRun(b *bed, s *child, n int, size func(ctx context.Context) (int, error)) (int, error) {
	if err := abandon(b, s, 200); err != nil {
		return 0, err
	}
	time.Sleep(settled)
	before, err := size(b.ctx)
	if err != nil {
		return 0, err
	}
	b.say(fmt.Sprintf("leaving %d sign-ins waiting", n))
	if err := abandon(b, s, n); err != nil {
		return 0, err
	}
	time.Sleep(settled)
	after, err := size(b.ctx)
	return (after - before) / n, err
}

// runEmbedded is what the heap grows by.
func runEmbedded(b *bed, o options) (figures, error) {
	s, err := b.stagedoor("all embedded", cheap)
	if err != nil {
		return figures{}, err
	}
	n, err := perRun(b, s, o.runs, s.heap)
	return figures{[]string{fmt.Sprintf("%d B", n), "–"}, n}, err
}

// runRedis is what Redis grows by, as INFO tells it.
func runRedis(b *bed, o options) (figures, error) {
	s, err := b.onRedis()
	if err != nil {
		return figures{}, err
	}
	store, err := b.redis()
	if err != nil {
		return figures{}, err
	}
	rdb := redis.NewClient(&redis.Options{Addr: store.address, DisableIdentity: true, Protocol: 2})
	defer rdb.Close()
	size := func(ctx context.Context) (int, error) { return usedMemory(ctx, rdb) }
	n, err := perRun(b, s, o.runs, size)
	if err != nil {
		return figures{}, err
	}
	before, err := size(b.ctx)
	if err != nil {
		return figures{}, err
	}
	for i := range o.runs {
		record, err := encodeRun(1, newReferenceRun())
		if err == nil {
			err = rdb.Set(b.ctx, tokenKey(fmt.Sprintf("size-%d", i)), record, time.Hour).Err()
		}
		if err != nil {
			return figures{}, err
		}
	}
	after, err := size(b.ctx)
	reference := (after - before) / o.runs
	return figures{[]string{fmt.Sprintf("%d B", n), fmt.Sprintf("%d B", reference)}, []int{n, reference}}, err
}

// usedMemory is what Redis has allocated, in bytes.
func usedMemory(ctx context.Context, rdb *redis.Client) (int, error) {
	info, err := rdb.Info(ctx, "memory").Result()
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(info, "\nused_memory:")
	var n int
	if _, err := fmt.Sscan(rest, &n); err != nil {
		return 0, errors.New("INFO memory has no used_memory")
	}
	return n, nil
}
