package main

import (
	"fmt"
	"strings"

	"stagedoor/transport/bench"
)

// row is one line of the tables.
type row struct {
	// key is what --row calls it, what it measures.
	key, what string
	// of is what it is compared with, and wanted the goal.
	of, wanted string
	measure    func(b *bed, o options) (figures, error)
}

// figures are the cells of a row behind the first two, as they are printed, and the numbers
// for programs.
type figures struct {
	cells []string
	raw   any
}

// options are how a row is measured.
type options struct {
	pairing bench.Pairing
	// runs is how many sign-ins are left waiting.
	runs int
	// peers are servers to compare with.
	peers []peer
	// rounds is how often each journey is walked on each server, seconds for how long.
	rounds, seconds int
}

// ratioRows are requests against bare handlers.
func ratioRows() []row {
	const (
		hello = "a handler that writes 142 bytes"
		get   = "one Redis GET of 1 KiB"
		swap  = "GET, then compare-and-swap, of 1 KiB"
	)
	return []row{
		{"config", "`GET config`", hello, "≤ 1.15", journeyOf((*bed).onRedis, "config", "/hello", 16)},
		{"anonymous", "`GET auth/session` without a token", hello, "≤ 1.20", journeyOf((*bed).onRedis, "anonymous", "/hello", 16)},
		{"read", "`GET auth/session` signed in", get, "≤ 1.15", journeyOf((*bed).onRedis, "read", "/get", 16)},
		{"read-pipelined", "the same with `redis.auto_pipeline`", get, "", journeyOf((*bed).pipelined, "read", "/get", 16)},
		{"read-reference", "a signed-in session, written out by hand", get, "", referenceOf("GET", "/reference/session", "", 200, "/get", 16)},
		{"read-bound", "`GET auth/session` in a bound browser", "the same with `device_bound: off`", "≤ 1.10", boundRead},
		{"step", "a wrong TOTP code, one connection", swap, "≤ 1.25", journeyOf((*bed).onRedis, "wrong-totp", "/getswap", 1)},
		{"step-reference", "a wrong code, written out by hand", swap, "", referenceOf("POST", "/reference/step", `{"code":"000000"}`, 400, "/getswap", 1)},
		{"step-16", "a wrong TOTP code, 16 connections", swap, "≤ 1.25", journeyOf((*bed).onRedis, "wrong-totp", "/getswap", 16)},
	}
}

// journeyOf compares a journey of one request with a bare handler.
func journeyOf(on func(*bed) (*child, error), journey, base string, connections int) func(b *bed, o options) (figures, error) {
	return func(b *bed, o options) (figures, error) {
		s, err := on(b)
		if err != nil {
			return figures{}, err
		}
		subject, err := bench.SideOf(b.ctx, s.target(), journey, connections)
		if err != nil {
			return figures{}, fmt.Errorf("%w\n%s", err, s.log)
		}
		return b.compare(base, subject, connections, o, s.process())
	}
}

// referenceOf compares the handlers written out by hand with bare ones.
func referenceOf(method, path, body string, want int, base string, connections int) func(b *bed, o options) (figures, error) {
	return func(b *bed, o options) (figures, error) {
		bare, err := b.bare()
		if err != nil {
			return figures{}, err
		}
		r := bench.Request{Method: method, URL: "http://" + bare.address + path, Body: body}
		return b.compare(base, bench.Side{Requests: []bench.Request{r}, Want: want}, connections, o)
	}
}

// compare compares a side with a bare handler. The time on processors is that of the bare
// server, of Redis and of what else is named, for either side: who is idle adds nothing.
func (b *bed) compare(base string, subject bench.Side, connections int, o options, more ...bench.Process) (figures, error) {
	bare, err := b.bare()
	if err != nil {
		return figures{}, err
	}
	store, err := b.redis()
	if err != nil {
		return figures{}, err
	}
	p := o.pairing
	p.Connections = connections
	p.Processes = append(more, bare.process(), store.process())
	side := bench.Side{Requests: []bench.Request{{Method: "GET", URL: "http://" + bare.address + base}}, Want: 200}
	r, err := bench.Compare(b.ctx, side, subject, p)
	if err != nil {
		return figures{}, err
	}
	micros := fmt.Sprintf("%.1f of %.1f", float64(r.Subject.CPU)/1e3, float64(r.Base.CPU)/1e3)
	return figures{[]string{r.PerSecond.String(), r.CPU.String(), micros}, r}, nil
}

// rowsOf are the rows of names, all of a table where there are none, in the table's order.
func rowsOf(all []row, names []string) []row {
	if len(names) == 0 {
		return all
	}
	var out []row
	for _, r := range all {
		for _, n := range names {
			if r.key == n {
				out = append(out, r)
			}
		}
	}
	return out
}

// keys are the names of rows.
func keys(all []row) string {
	var out []string
	for _, r := range all {
		out = append(out, r.key)
	}
	return strings.Join(out, ", ")
}
