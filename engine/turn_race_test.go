package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/engine"
)

func TestTwinGetsTheTwinsAnswer(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	one, two := d.turn(key, engine.MapValues{"key": "right"}), d.turn(key, engine.MapValues{"key": "right"})
	first, err := d.Submit(context.Background(), "code", one)
	d.want(first, err, engine.Granted)
	second, err := d.Submit(context.Background(), "code", two)
	d.want(second, err, engine.Granted)
	if !bytes.Equal(first.TokenID, second.TokenID) || first.Key != second.Key || string(second.Entry.Session) != "s" {
		t.Errorf("the twin is answered %+v, the first %+v", second, first)
	}
	if len(d.sessions) != 1 {
		t.Errorf("%d sessions", len(d.sessions))
	}
	// A guess that was in flight at the same time is no twin.
	other := d.turn(key, engine.MapValues{"key": "right"})
	other.Entry, other.Digest = one.Entry, []byte("other")
	third, err := d.Submit(context.Background(), "code", other)
	if d.want(third, err, engine.NotWaiting); third.TokenID != nil {
		t.Errorf("another submission is answered %+v", third)
	}
	if len(d.sessions) != 1 {
		t.Error("whoever came late has ended the session")
	}
}

// TestTwinWithoutASession: the digest is the same, and the session is not there any more.
func TestTwinWithoutASession(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	one, two := d.turn(key, engine.MapValues{"key": "right"}), d.turn(key, engine.MapValues{"key": "right"})
	first, err := d.Submit(context.Background(), "code", one)
	d.want(first, err, engine.Granted)
	delete(d.records, first.Key)
	if _, err := d.Submit(context.Background(), "code", two); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
}

func TestTwinOfAWrongSubmissionCountsOnce(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	turns := []engine.Turn{d.turn(key, engine.MapValues{"key": "bad"}), d.turn(key, engine.MapValues{"key": "bad"})}
	for _, turn := range turns {
		ans, err := d.Submit(context.Background(), "code", turn)
		d.want(ans, err, engine.Wrong)
	}
	if got := d.entry(key).Record.Runs[0].Tries; got != 1 {
		t.Errorf("twins count %d times", got)
	}
	different := d.turn(key, engine.MapValues{"key": "bad"})
	different.Entry, different.Digest = turns[0].Entry, []byte("different")
	ans, err := d.Submit(context.Background(), "code", different)
	d.want(ans, err, engine.Wrong)
	if got := d.entry(key).Record.Runs[0].Tries; got != 2 {
		t.Errorf("another guess in flight at the same time: %d tries", got)
	}
	if d.code.calls != 3 {
		t.Errorf("judged %d times, want once for each", d.code.calls)
	}
}

// TestStartsHaveNoTwins: two first logins of a fresh client each get a record.
func TestStartsHaveNoTwins(t *testing.T) {
	d := newDoor(t)
	a, b := d.begin("ann", engine.Advanced), d.begin("ann", engine.Advanced)
	if a.Key == b.Key || a.Run.ID == b.Run.ID {
		t.Errorf("%s and %s", a.Key, b.Key)
	}
}

// change rewrites the record under a key, as another client of it would.
func (d *door) change(key engine.Key, by func(*engine.Record)) {
	e := d.entry(key)
	e.Record.Version++
	e.Record.Last = engine.Last{From: e.Record.Version - 1, Digest: []byte("else")}
	by(&e.Record)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.records[key] = e
}

// once lets something happen before the first operation of a name.
func (d *door) once(op string, do func()) {
	d.before = func(got string) {
		if got == op {
			d.before = nil
			do()
		}
	}
}

func TestLostSwapKeepsTheVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*engine.Record)
		calls  int
		want   engine.Outcome
	}{
		"something else": {func(r *engine.Record) {
			r.Put(engine.Run{Slot: "else", ID: "e", Deadline: turnTime.Add(time.Hour).UnixMilli()})
		}, 1, engine.Granted},
		"another challenge": {func(r *engine.Record) { r.Runs[0].Data = []byte(`"new"`) }, 2, engine.Granted},
		"another run":       {func(r *engine.Record) { r.Runs[0].ID = "other" }, 2, engine.Granted},
		"no run":            {func(r *engine.Record) { r.Drop(engine.SlotLogin) }, 1, engine.NotWaiting},
	} {
		d := newDoor(t)
		key := d.begin("ann", engine.Advanced).Key
		d.once("swap", func() { d.change(key, c.change) })
		d.send(key, "code", "right", c.want)
		if d.code.calls != c.calls {
			t.Errorf("%s has changed: judged %d times, want %d", name, d.code.calls, c.calls)
		}
		if want := map[bool]int{true: 1}[c.want == engine.Granted]; len(d.sessions) != want {
			t.Errorf("%s has changed: %d sessions, want %d", name, len(d.sessions), want)
		}
	}
}

func TestAttemptsStaySpentAfterALostSwap(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.once("swap", func() { d.change(key, func(r *engine.Record) { r.Runs[0].Tries = 2 }) })
	d.send(key, "code", "bad", engine.Wrong)
	d.wantSlots(key)
}

func TestContended(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	swaps := 0
	d.before = func(op string) {
		if op == "swap" {
			swaps++
			d.change(key, func(r *engine.Record) {})
		}
	}
	ans, err := d.Submit(context.Background(), "code", d.turn(key, engine.MapValues{"key": "right"}))
	if !errors.Is(err, engine.ErrContended) || ans.Outcome != 0 || swaps != engine.MaxTurns {
		t.Errorf("%+v, %v after %d swaps", ans, err, swaps)
	}
	if len(d.sessions) != 0 || d.log[len(d.log)-1] != "abandon" {
		t.Errorf("the session is not taken back: %q", d.log)
	}
	if _, err := d.Act(context.Background(), "code", "resend", d.turn(key, nil)); err != nil {
		// Act with Keep does not swap.
		t.Error(err)
	}
	d.code.act = func(string, engine.Submission) (engine.Acted, error) { return engine.Acted{Data: "x"}, nil }
	if _, err := d.Act(context.Background(), "code", "resend", d.turn(key, nil)); !errors.Is(err, engine.ErrContended) {
		t.Errorf("an action: %v", err)
	}
}

// TestUnknownOutcomeKeepsTheSession: while it is not known whether the swap was done, a
// run that can be repeated keeps its session; a first submission cannot be repeated.
func TestUnknownOutcomeKeepsTheSession(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.fail["swap"] = engine.ErrUnavailable
	if _, err := d.Submit(context.Background(), "code", d.turn(key, engine.MapValues{"key": "right"})); !errors.Is(err, engine.ErrUnavailable) {
		t.Fatal(err)
	}
	if len(d.sessions) != 1 {
		t.Error("the session of a run that may be repeated was taken back")
	}
	delete(d.fail, "swap")
	d.send(key, "code", "right", engine.Granted)
	if len(d.sessions) != 1 {
		t.Errorf("%d sessions after the repetition", len(d.sessions))
	}
	d.facts.SecondFactor = false
	d.fail["swap"] = engine.ErrUnavailable
	if _, err := d.Start(context.Background(), "login", d.turn("", engine.MapValues{"name": "bob"})); !errors.Is(err, engine.ErrUnavailable) {
		t.Fatal(err)
	}
	if len(d.sessions) != 1 {
		t.Error("a first submission that failed left its session")
	}
}

// schedule lets turns run one operation at a time, in an order that is drawn.
type schedule struct {
	mu      sync.Mutex
	waiting map[int]chan struct{}
	running int
	cond    *sync.Cond
}

type workerKey struct{}

// scheduled is a door's store and ledger whose operations wait to be let on.
type scheduled struct {
	*door
	s *schedule
}

func (s *schedule) pause(ctx context.Context) {
	id, ok := ctx.Value(workerKey{}).(int)
	if !ok {
		return
	}
	let := make(chan struct{})
	s.mu.Lock()
	s.waiting[id] = let
	s.running--
	s.cond.Signal()
	s.mu.Unlock()
	<-let
}

// run does the work, one operation at a time, until all is done.
func (s *schedule) run(work []func(context.Context), draw func(n int) int) {
	s.running = len(work)
	for i, w := range work {
		go func() {
			w(context.WithValue(context.Background(), workerKey{}, i))
			s.mu.Lock()
			s.running--
			s.cond.Signal()
			s.mu.Unlock()
		}()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for s.running > 0 {
			s.cond.Wait()
		}
		if len(s.waiting) == 0 {
			return
		}
		n := draw(len(s.waiting))
		for id := range work {
			let, ok := s.waiting[id]
			if !ok {
				continue
			}
			if n == 0 {
				delete(s.waiting, id)
				s.running++
				close(let)
				break
			}
			n--
		}
	}
}

func (s scheduled) Load(ctx context.Context, key engine.Key, take []engine.Take, now time.Time) (engine.Entry, *engine.Refusal, error) {
	s.s.pause(ctx)
	return s.door.Load(ctx, key, take, now)
}

func (s scheduled) Swap(ctx context.Context, w engine.Swap) (engine.Entry, bool, error) {
	s.s.pause(ctx)
	return s.door.Swap(ctx, w)
}

func (s scheduled) Commit(ctx context.Context, b engine.Batch) (engine.Receipt, error) {
	s.s.pause(ctx)
	return ledger{s.door}.Commit(ctx, b)
}

func (s scheduled) Release(ctx context.Context, b engine.Batch) error {
	return ledger{s.door}.Release(ctx, b)
}

func (s scheduled) Abandon(ctx context.Context, b engine.Batch) error {
	s.s.pause(ctx)
	return ledger{s.door}.Abandon(ctx, b)
}

// race runs submissions of a waiting login against each other and returns the answers.
func race(t *rapid.T, d *door, key engine.Key, values []string) []engine.Answer {
	s := &schedule{waiting: make(map[int]chan struct{})}
	s.cond = sync.NewCond(&s.mu)
	c := d.Config
	c.Store, c.Ledger = scheduled{d, s}, scheduled{d, s}
	e, err := engine.New(c)
	if err != nil {
		t.Fatal(err)
	}
	answers, errs := make([]engine.Answer, len(values)), make([]error, len(values))
	var work []func(context.Context)
	for i, v := range values {
		turn := d.turn("", engine.MapValues{"key": v})
		turn.Key = key
		work = append(work, func(ctx context.Context) {
			turn.Entry, _, _ = c.Store.Load(ctx, key, nil, turnTime)
			answers[i], errs[i] = e.Submit(ctx, "code", turn)
		})
	}
	s.run(work, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "next") })
	for i, err := range errs {
		if err != nil && !errors.Is(err, engine.ErrContended) {
			t.Fatalf("submission %d (%s): %v", i, values[i], err)
		}
		if err != nil {
			answers[i] = engine.Answer{}
		}
	}
	return answers
}

// TestIdenticalSubmissionsRace: whatever the order of their operations, submissions that
// are in flight together come to one session, and everybody who is told so holds its token.
func TestIdenticalSubmissionsRace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDoor(t)
		first := d.begin("ann", engine.Advanced)
		n := rapid.IntRange(2, 5).Draw(rt, "n")
		values := make([]string, n)
		for i := range values {
			values[i] = "right"
		}
		granted := 0
		for i, ans := range race(rt, d, first.Key, values) {
			switch ans.Outcome {
			case engine.Granted:
				granted++
				if !bytes.Equal(ans.TokenID, mint(first.Run.ID)) || string(ans.Entry.Session) != "s" {
					rt.Fatalf("submission %d is answered %+v", i, ans)
				}
			case engine.NotWaiting: // it loaded the record after the swap
			default:
				rt.Fatalf("submission %d comes to %d", i, ans.Outcome)
			}
		}
		if granted == 0 || len(d.sessions) != 1 || !d.records[d.sessions[first.Run.ID]].Found {
			rt.Fatalf("%d are granted, the sessions are %v", granted, d.sessions)
		}
	})
}

// TestGuessesRace: guesses in flight together never have more attempts than one after the
// other, and a session exists exactly if somebody was told so.
func TestGuessesRace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDoor(t)
		first := d.begin("ann", engine.Advanced)
		n := rapid.IntRange(2, 6).Draw(rt, "n")
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprint("guess ", i)
		}
		if rapid.Bool().Draw(rt, "one is right") {
			values[rapid.IntRange(0, n-1).Draw(rt, "which")] = "right"
		}
		counts := make(map[engine.Outcome]int)
		for _, ans := range race(rt, d, first.Key, values) {
			counts[ans.Outcome]++
		}
		if counts[engine.Wrong] > 3 {
			rt.Fatalf("%d guesses were answered", counts[engine.Wrong])
		}
		if counts[engine.Granted] > 1 || len(d.sessions) != counts[engine.Granted] {
			rt.Fatalf("%v, sessions %v", counts, d.sessions)
		}
		rec := d.entry(first.Key).Record
		if run := rec.Run(engine.SlotLogin, turnTime); run != nil && run.Tries != counts[engine.Wrong] {
			rt.Fatalf("%d tries are counted, %v", run.Tries, counts)
		}
	})
}
