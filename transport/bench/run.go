package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Load is what is done to a server, and for how long.
type Load struct {
	// Journey is what is walked, of [Contract.Journeys].
	Journey string
	// Connections is how many walk at once.
	Connections int
	// Rate is how many journeys are due a second, whether or not the server keeps up with it; with 0
	// each connection begins the next as soon as the last has come to its end.
	Rate float64
	// Duration and Count end the run, whichever is first; 0 of one of them leaves it to the other.
	Duration time.Duration
	Count    int
	// Accounts is how many are made for journeys with a code of an authenticator app, which an
	// account has once in half a minute; with 0 as many as the run will want, as far as that is
	// known.
	Accounts int
	// Processes are watched meanwhile.
	Processes []Process
}

// Bounds of what is made where nobody says.
const (
	guessedAccounts = 64
	mostAccounts    = 10_000
)

// accounts is how many a connection makes.
func (l Load) accounts() int {
	n := l.Accounts
	switch {
	case n > 0:
	case l.Count > 0:
		n = l.Count + l.Connections
	case l.Rate > 0:
		// Half a minute is how long one is used up by a journey.
		n = int(l.Rate * min(l.Duration, 30*time.Second).Seconds())
	default:
		n = guessedAccounts
	}
	n = min(n, mostAccounts)
	return max(1, (n+l.Connections-1)/l.Connections)
}

// check refuses a load that makes no sense.
func (l Load) check() error {
	switch {
	case l.Connections < 1:
		return fmt.Errorf("%d connections: at least one is needed", l.Connections)
	case l.Rate < 0:
		return fmt.Errorf("a rate of %g: give journeys a second, or 0 for as many as there can be", l.Rate)
	case l.Duration <= 0 && l.Count <= 0:
		return errors.New("nothing ends the load: give a duration or a count")
	}
	return nil
}

// settle is how long after its end what was due before is still begun, at a rate.
const settle = time.Second

// Run walks journeys. Making what they need comes before, and is told to say, which may be nil.
// An error is one of making it, or of a load that makes no sense: journeys that fail are counted
// in the report. When ctx ends the run does, with what there is.
func Run(ctx context.Context, t Target, l Load, say func(string)) (Report, error) {
	t, err := t.complete()
	if err == nil {
		err = l.check()
	}
	if err != nil {
		return Report{}, err
	}
	j, err := t.Contract.find(l.Journey)
	if err != nil {
		return Report{}, err
	}
	if say == nil {
		say = func(string) {}
	}
	visitors, err := gather(ctx, t, l, j, say)
	defer func() {
		for _, v := range visitors {
			v.conn.hangUp()
		}
	}()
	if err != nil {
		return Report{}, err
	}
	measured, err := watch(l.Processes)
	if err != nil {
		return Report{}, err
	}
	r := runner{journey: j, load: l, begun: time.Now()}
	walks := make([]walked, len(visitors))
	var all sync.WaitGroup
	for i, v := range visitors {
		all.Go(func() { walks[i] = r.walk(v) })
	}
	all.Wait()
	return r.report(t, walks, visitors, time.Since(r.begun), measured()), nil
}

// gather makes the visitors and what each needs.
func gather(ctx context.Context, t Target, l Load, j journey, say func(string)) ([]*visitor, error) {
	want := 1
	if j.codes {
		want = l.accounts()
	}
	who := newPeople(want * l.Connections)
	visitors := make([]*visitor, l.Connections)
	for i := range visitors {
		visitors[i] = newVisitor(ctx, t, who, want)
	}
	if j.ready == nil {
		return visitors, nil
	}
	say(fmt.Sprintf("making %d accounts, bench-%s-*@example.org", want*l.Connections, who.run))
	faults := make([]error, len(visitors))
	var all sync.WaitGroup
	for i, v := range visitors {
		all.Go(func() { faults[i] = j.ready(v) })
	}
	all.Wait()
	for _, err := range faults {
		if err != nil {
			return visitors, fmt.Errorf("before the load: %w", err)
		}
	}
	if j.codes {
		if err := fresh(visitors[0], say); err != nil {
			return visitors, err
		}
	}
	for _, v := range visitors {
		v.steps, v.order, v.excused = make(map[string]*Histogram), nil, 0
	}
	return visitors, nil
}

// fresh waits until every account of the pool has a code that was not used to set it up.
func fresh(v *visitor, say func(string)) error {
	now := v.target.now()
	at := now
	for range len(v.people.pool) {
		a := <-v.people.pool
		if f := v.people.app.Fresh(a.secret, now, margin); f.After(at) {
			at = f
		}
		v.people.pool <- a
	}
	if d := at.Sub(now); d > 0 {
		say(fmt.Sprintf("waiting %s for fresh codes", d.Round(time.Second)))
		return v.target.wait(v.ctx, d)
	}
	return nil
}

// runner is a run under way.
type runner struct {
	journey journey
	load    Load
	begun   time.Time
	next    atomic.Int64
}

// walked is what one connection has to tell.
type walked struct {
	latencies Histogram
	failures  failures
	excused   time.Duration
}

// due is the next journey: when it is due, and whether there is another at all.
func (r *runner) due() (time.Time, bool) {
	n := r.next.Add(1) - 1
	if r.load.Count > 0 && n >= int64(r.load.Count) {
		return time.Time{}, false
	}
	at := time.Now()
	if r.load.Rate > 0 {
		at = r.begun.Add(time.Duration(float64(n) / r.load.Rate * float64(time.Second)))
	}
	return at, r.load.Duration <= 0 || at.Sub(r.begun) < r.load.Duration
}

// walk is what one connection does.
func (r *runner) walk(v *visitor) walked {
	w := walked{failures: make(failures)}
	for v.ctx.Err() == nil {
		at, ok := r.due()
		if !ok {
			break
		}
		if d := time.Until(at); d > 0 && pause(v.ctx, d) != nil {
			break
		}
		if r.load.Rate > 0 && r.load.Duration > 0 && time.Since(r.begun) > r.load.Duration+settle {
			w.failures.count(KindNotBegun, 1, "no connection was free before the end: more --connections, or a lower --rate")
			continue
		}
		v.excused = 0
		err := r.journey.once(v)
		took := max(0, time.Since(at)-v.excused)
		w.excused += v.excused
		if err == nil {
			w.latencies.Record(took)
			continue
		}
		if v.ctx.Err() != nil {
			break
		}
		w.failures.add(err)
		r.recover(v, err)
	}
	return w
}

// recover brings a visitor back to where a journey begins. A server that is gone is not asked
// in a tight loop.
func (r *runner) recover(v *visitor, err error) {
	if f, ok := errors.AsType[*Failure](err); ok && f.Kind == KindConnect {
		_ = pause(v.ctx, 50*time.Millisecond)
	}
	if r.journey.ready != nil && r.journey.ready(v) != nil {
		_ = pause(v.ctx, 100*time.Millisecond)
	}
}
