package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Side is one of two things that are compared: a request, sent again and again by every
// connection.
type Side struct {
	// Requests are those of the connections, the first for the first; where there are fewer
	// than connections they begin again.
	Requests []Request
	// Want is the status of the answer that is the right one. Any other ends the comparison.
	Want int
}

// SideOf makes the side of a journey that is one request: what each of n connections needs is made, a session
// or a run that waits.
func SideOf(ctx context.Context, t Target, journey string, n int) (Side, error) {
	t, err := t.complete()
	if err != nil {
		return Side{}, err
	}
	j, err := t.Contract.find(journey)
	if err == nil && j.one == nil {
		err = fmt.Errorf("the journey %s is more than one request", journey)
	}
	if err != nil {
		return Side{}, err
	}
	visitors, err := gather(ctx, t, Load{Connections: n}, j, func(string) {})
	var s Side
	for _, v := range visitors {
		v.conn.hangUp()
		if err == nil {
			r, want := j.one(v)
			r.URL = t.Base.Scheme + "://" + t.Base.Host + r.URL
			r.Header = slices.Clone(r.Header)
			s.Requests, s.Want = append(s.Requests, r), want
		}
	}
	return s, err
}

// Pairing is how two sides are compared.
type Pairing struct {
	// Connections is how many ask at once.
	Connections int
	// Pairs is how many slices there are of each side, Slice how long each is.
	Pairs int
	Slice time.Duration
	// Processes are those whose time on processors counts for both sides: the servers and
	// their stores.
	Processes []Process
}

// Slices of a quarter of a second are long enough to count in and short enough that what else
// the machine does falls on both sides alike; 24 pairs give an interval of a few percent.
const (
	UsualSlice = 250 * time.Millisecond
	UsualPairs = 24
)

// Cost is what requests of one side came to: medians over the slices.
type Cost struct {
	// PerSecond is throughput, CPU the time on processors for each request.
	PerSecond float64       `json:"per_second"`
	CPU       time.Duration `json:"cpu_ns"`
	P50       time.Duration `json:"p50_ns"`
}

// Ratio is what a subject costs of a base, slice by slice. CPU is zero where no process is watched.
type Ratio struct {
	Base      Cost     `json:"base"`
	Subject   Cost     `json:"subject"`
	PerSecond Interval `json:"per_second_of_base"`
	CPU       Interval `json:"cpu_of_base"`
	P50       Interval `json:"p50_of_base"`
}

// Compare asks two sides in turn, in short slices whose order alternates, and returns the median
// ratios of pairs of neighbours, subject by base, with their 95 % intervals.
func Compare(ctx context.Context, base, subject Side, p Pairing) (Ratio, error) {
	if p.Connections < 1 || p.Pairs < 1 || p.Slice <= 0 {
		return Ratio{}, fmt.Errorf("%d connections, %d pairs of %s: each must be at least one", p.Connections, p.Pairs, p.Slice)
	}
	var sides [2]*askers
	for i, s := range []Side{base, subject} {
		a, err := s.askers(p.Connections)
		if err != nil {
			return Ratio{}, err
		}
		defer a.hangUp()
		sides[i] = a
	}
	// The first requests open connections, on both sides and in the stores.
	for _, s := range sides {
		if _, err := s.slice(ctx, p.Slice/4, nil); err != nil {
			return Ratio{}, err
		}
	}
	var costs [2][]Cost
	for i := range p.Pairs {
		for k := range 2 {
			at := (i + k) % 2
			c, err := sides[at].slice(ctx, p.Slice, p.Processes)
			if err != nil {
				return Ratio{}, err
			}
			costs[at] = append(costs[at], c)
		}
	}
	return ratio(costs[0], costs[1]), nil
}

// ratio puts slices together.
func ratio(base, subject []Cost) Ratio {
	of := func(of func(Cost) float64) Interval {
		var all []float64
		for i := range base {
			if b := of(base[i]); b > 0 {
				all = append(all, of(subject[i])/b)
			}
		}
		return NewInterval(all)
	}
	return Ratio{
		Base: middle(base), Subject: middle(subject),
		PerSecond: of(func(c Cost) float64 { return c.PerSecond }),
		CPU:       of(func(c Cost) float64 { return float64(c.CPU) }),
		P50:       of(func(c Cost) float64 { return float64(c.P50) }),
	}
}

// middle has the medians of slices.
func middle(list []Cost) Cost {
	of := func(of func(Cost) float64) float64 {
		var all []float64
		for _, c := range list {
			all = append(all, of(c))
		}
		return Median(all)
	}
	return Cost{
		PerSecond: of(func(c Cost) float64 { return c.PerSecond }),
		CPU:       time.Duration(of(func(c Cost) float64 { return float64(c.CPU) })),
		P50:       time.Duration(of(func(c Cost) float64 { return float64(c.P50) })),
	}
}

// askers are the connections of one side, kept open over all slices.
type askers struct {
	want  int
	conns []*conn
	raw   [][]byte
}

// answerWait is how long an answer may take in a comparison.
const answerWait = 30 * time.Second

func (s Side) askers(n int) (*askers, error) {
	if len(s.Requests) == 0 {
		return nil, errors.New("a side without requests")
	}
	a := &askers{want: s.Want}
	for i := range n {
		r := s.Requests[i%len(s.Requests)]
		to, err := url.Parse(r.URL)
		if err != nil || to.Host == "" {
			return nil, fmt.Errorf("%q is no address", r.URL)
		}
		c := newConn(to, answerWait)
		a.conns = append(a.conns, c)
		a.raw = append(a.raw, encode(nil, r.Method, c.host, to.RequestURI(), r.Header, []byte(r.Body)))
	}
	return a, nil
}

func (a *askers) hangUp() {
	for _, c := range a.conns {
		c.hangUp()
	}
}

// slice asks for a while.
func (a *askers) slice(ctx context.Context, d time.Duration, watched []Process) (Cost, error) {
	before, err := cpuTimes(watched)
	if err != nil {
		return Cost{}, err
	}
	var (
		end    atomic.Bool
		all    sync.WaitGroup
		counts = make([]Histogram, len(a.conns))
		faults = make([]error, len(a.conns))
		begun  = time.Now()
	)
	for i, c := range a.conns {
		all.Go(func() { faults[i] = a.ask(ctx, c, a.raw[i], &counts[i], &end) })
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
	end.Store(true)
	all.Wait()
	took := time.Since(begun)
	after, err := cpuTimes(watched)
	if err = errors.Join(append(faults, err, ctx.Err())...); err != nil {
		return Cost{}, err
	}
	var h Histogram
	for i := range counts {
		h.Merge(&counts[i])
	}
	return Cost{PerSecond: float64(h.Count()) / took.Seconds(), CPU: spent(before, after) / time.Duration(max(1, h.Count())), P50: h.Quantile(0.5)}, nil
}

// ask is what one connection does in a slice.
func (a *askers) ask(ctx context.Context, c *conn, raw []byte, h *Histogram, end *atomic.Bool) error {
	for !end.Load() {
		begun := time.Now()
		got, err := c.send(ctx, raw)
		if err != nil {
			return err
		}
		if got.status != a.want {
			return unexpected(string(raw[:min(len(raw), 40)]), got, a.want)
		}
		h.Record(time.Since(begun))
	}
	return nil
}
