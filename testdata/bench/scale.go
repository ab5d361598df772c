package main

import (
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/transport/bench"
)

// crowd is how many sessions others have where a read is to cost what it costs beside ten.
const crowd = 1_000_000

// copies makes copies of a record under keys that nobody has a token of.
const copies = `for i = ARGV[1], ARGV[2] do redis.call('COPY', KEYS[1], ARGV[3] .. i) end`

// scale compares reads of two servers, one of which has a crowd of other sessions in its Redis.
func scale(b *bed, o options) (figures, error) {
	var sides [2]bench.Side
	var said []any
	p := o.pairing
	p.Connections = 16
	for i, name := range []string{"ten sessions", "a million sessions"} {
		store, err := b.redisNamed("redis, " + name)
		if err != nil {
			return figures{}, err
		}
		s, err := b.stagedoor("with "+name, cheap+"redis: {url: \"redis://"+store.address+"/0\"}\n")
		if err != nil {
			return figures{}, err
		}
		if sides[i], err = bench.SideOf(b.ctx, s.target(), "read", p.Connections); err != nil {
			return figures{}, fmt.Errorf("%w\n%s", err, s.log)
		}
		said = append(said, s.log, store.log)
		p.Processes = append(p.Processes, store.process(), s.process())
		n := 10
		if i == 1 {
			n = crowd
		}
		if err := b.fill(store.address, n); err != nil {
			return figures{}, fmt.Errorf("fill Redis with sessions: %w", err)
		}
	}
	r, err := bench.Compare(b.ctx, sides[0], sides[1], p)
	if err != nil {
		return figures{}, fmt.Errorf("%w\n%s", err, said)
	}
	micros := fmt.Sprintf("%.0f of %.0f", float64(r.Subject.CPU)/1e3, float64(r.Base.CPU)/1e3)
	return figures{[]string{r.CPU.String() + " times", micros + " µs"}, r}, nil
}

// fill puts sessions beside those that are there, each a copy of one of them.
func (b *bed) fill(address string, n int) error {
	b.say(fmt.Sprintf("%d sessions", n))
	rdb := redis.NewClient(&redis.Options{Addr: address, DisableIdentity: true, Protocol: 2, ReadTimeout: time.Minute})
	defer rdb.Close()
	key, err := rdb.RandomKey(b.ctx).Result()
	if err != nil {
		return err
	}
	const step = 10_000
	for from := 1; from <= n; from += step {
		if err := rdb.Eval(b.ctx, copies, []string{key}, from, min(n, from+step-1), "stagedoor:crowd-").Err(); err != nil && err != redis.Nil {
			return err
		}
	}
	size, err := rdb.DBSize(b.ctx).Result()
	if err == nil && size <= int64(n) {
		err = fmt.Errorf("%d keys are there, of which %d are to be others", size, n)
	}
	return err
}
