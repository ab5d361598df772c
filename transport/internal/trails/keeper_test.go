package trails

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
	"stagedoor/state"
)

// shelf keeps trails in memory, and counts how often it was asked.
type shelf struct {
	mu    sync.Mutex
	kept  map[string]state.Trail
	calls int
	fail  error
}

func (s *shelf) KeepTrails(_ context.Context, list []state.Trail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.fail != nil {
		return s.fail
	}
	for _, t := range list {
		s.kept[t.Run] = t
	}
	return nil
}

func (s *shelf) Trail(context.Context, string) (state.Trail, error) { return state.Trail{}, nil }

func (s *shelf) TrailsOf(context.Context, state.AccountID, int) ([]state.Trail, error) {
	return nil, nil
}

// keeping is a keeper before a shelf.
func keeping(t *testing.T) (*Keeper, *shelf, *bytes.Buffer) {
	t.Helper()
	settings := stages.Settings{
		LoginMethods: []string{"email"}, LoginTimeout: 15 * time.Minute, PhoneTries: 3, PhoneLifetime: time.Minute, EmailLifetime: time.Minute, CodeLifetime: time.Minute, ResetLifetime: time.Minute,
	}
	compiled, err := engine.Compile(flows.Bind(flows.All(settings), (&stages.Env{Settings: settings}).Handlers()))
	if err != nil {
		t.Fatal(err)
	}
	log, s := &bytes.Buffer{}, &shelf{kept: make(map[string]state.Trail)}
	return New(s, compiled, slog.New(slog.NewTextHandler(log, nil))), s, log
}

// turned is a turn of a run, at a stage with a limit of tries of its own or at one without.
func turned(run string, outcome engine.Outcome) engine.TurnEvent {
	at := time.Unix(1_800_000_000, 0)
	return engine.TurnEvent{
		Flow: "login", Node: "mfa_authenticate", Outcome: outcome, Now: at, Subject: "7",
		Run: &engine.Run{ID: run, Flow: "login", Node: "mfa_authenticate", Started: at.UnixMilli(), Deadline: at.Add(time.Hour).UnixMilli(),
			Trail: engine.Trail{{Node: "password_form", Exit: engine.OK}}},
	}
}

// TestKeeperFolds: of many turns of a run one trail is stored, with all wrong tries.
func TestKeeperFolds(t *testing.T) {
	k, s, _ := keeping(t)
	for range 3 {
		k.Note(turned("a", engine.Wrong))
	}
	last := turned("a", engine.Granted)
	last.End = "session"
	k.Note(last)
	k.Note(turned("b", engine.Advanced))
	k.Flush(t.Context())
	k.Flush(t.Context())
	if a := s.kept["a"]; s.calls != 1 || len(s.kept) != 2 || a.Wrong["mfa_authenticate"] != 3 || a.Over != state.Reached || !a.Deadline.IsZero() {
		t.Errorf("%d calls: %+v", s.calls, s.kept)
	}
	if b := s.kept["b"]; b.Over != "" || b.Wrong != nil || !b.Deadline.Equal(b.Started.Add(time.Hour)) {
		t.Errorf("%+v", b)
	}
}

// TestKeeperPicks: which turns are kept, and as what.
func TestKeeperPicks(t *testing.T) {
	k, _, _ := keeping(t)
	for name, c := range map[string]struct {
		change func(*engine.TurnEvent)
		kept   bool
		over   state.Over
		wrong  int
	}{
		"waits":               {func(*engine.TurnEvent) {}, true, "", 0},
		"no run":              {func(t *engine.TurnEvent) { t.Run = nil }, false, "", 0},
		"a wrong start":       {func(t *engine.TurnEvent) { t.Outcome, t.Started = engine.Wrong, true }, false, "", 0},
		"a refused start":     {func(t *engine.TurnEvent) { t.Outcome, t.Started, t.Why = engine.Wrong, true, "expired" }, true, state.Refused, 1},
		"a start too many":    {func(t *engine.TurnEvent) { t.Outcome, t.Started = engine.Limited, true }, false, "", 0},
		"an action":           {func(t *engine.TurnEvent) { t.Outcome, t.Action = engine.Done, "resend" }, false, "", 0},
		"an action that errs": {func(t *engine.TurnEvent) { t.Outcome, t.Action, t.Counted = engine.Wrong, "info", true }, true, "", 1},
		"wrong":               {func(t *engine.TurnEvent) { t.Outcome = engine.Wrong }, true, "", 1},
		"wrong and forgiven":  {func(t *engine.TurnEvent) { t.Outcome, t.Flow, t.Node = engine.Wrong, "login", "verify_phone" }, true, "", 0},
		"wrong, the last":     {func(t *engine.TurnEvent) { t.Outcome, t.Counted, t.Spent = engine.Wrong, true, true }, true, state.Spent, 1},
		"an end":              {func(t *engine.TurnEvent) { t.Outcome, t.End = engine.Finished, "refused" }, true, state.Reached, 0},
		"no end":              {func(t *engine.TurnEvent) { t.Outcome = engine.Finished }, true, state.Withdrawn, 0},
		"a forged trail":      {func(t *engine.TurnEvent) { t.Run.Trail[0].Reason = "a;b/c" }, false, "", 0},
	} {
		turn := turned("r", engine.Advanced)
		c.change(&turn)
		got, kept := k.trailOf(turn)
		if kept != c.kept || got.Over != c.over || got.Wrong[string(turn.Node)] != c.wrong {
			t.Errorf("%s: %v %+v", name, kept, got)
		}
	}
}

// TestKeeperTidiesWhy: whatever a program's own code says of a refusal can be kept, and spoils no other
// trail.
func TestKeeperTidiesWhy(t *testing.T) {
	k, _, _ := keeping(t)
	turn := turned("r", engine.Wrong)
	turn.Why = "two\nlines\x00 and \xff" + strings.Repeat("x", 2*mostWhy)
	got, _ := k.trailOf(turn)
	if !strings.HasPrefix(got.Why, "two lines  and  xxx") || len(got.Why) > mostWhy+3 {
		t.Errorf("%q", got.Why)
	}
}

// TestKeeperSoonerDeadline: a stage may stop waiting before its run does.
func TestKeeperSoonerDeadline(t *testing.T) {
	k, _, _ := keeping(t)
	turn := turned("r", engine.Advanced)
	turn.Run.Until = turn.Run.Started + 1000
	if got, _ := k.trailOf(turn); !got.Deadline.Equal(turn.Now.Add(time.Second)) {
		t.Errorf("waits until %v", got.Deadline)
	}
}

// TestKeeperDrops: no turn waits for a database that does not keep up; what is lost is
// told, once.
func TestKeeperDrops(t *testing.T) {
	k, s, log := keeping(t)
	for i := range trailsMost + 7 {
		k.Note(turned(fmt.Sprint(i), engine.Advanced))
	}
	k.Note(turned("0", engine.Wrong))
	k.Flush(t.Context())
	if len(s.kept) != trailsMost || s.kept["0"].Wrong["mfa_authenticate"] != 1 || !strings.Contains(log.String(), "dropped=7") {
		t.Errorf("%d kept\n%s", len(s.kept), log)
	}
	s.fail = errors.New("no space left")
	k.Note(turned("x", engine.Advanced))
	k.Flush(t.Context())
	k.Flush(t.Context())
	if s.calls != 2 || strings.Count(log.String(), "trails could not be kept") != 1 || !strings.Contains(log.String(), "no space left") {
		t.Errorf("%d calls\n%s", s.calls, log)
	}
}

// TestKeeperRuns stores in time, at once when there is enough, and all at the end.
func TestKeeperRuns(t *testing.T) {
	k, s, _ := keeping(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	count := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.kept)
	}
	within := func(n int) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); count() < n; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d of %d are kept", count(), n)
			}
		}
	}
	k.Note(turned("first", engine.Advanced))
	within(1)
	for i := range trailsAtOnce {
		k.Note(turned(fmt.Sprint(i), engine.Advanced))
	}
	within(1 + trailsAtOnce)
	k.Note(turned("last", engine.Advanced))
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) || count() != 2+trailsAtOnce {
		t.Errorf("%d are kept, %v", count(), err)
	}
}

// TestKeeperBoundsNobodys: a flood of runs without an account leaves a bounded number of trails,
// and none of somebody's is lost by it.
func TestKeeperBoundsNobodys(t *testing.T) {
	k, s, log := keeping(t)
	for i := range 20_000 {
		nobodys := turned(fmt.Sprint("n", i), engine.Advanced)
		nobodys.Subject = ""
		nobodys.Now = nobodys.Now.Add(time.Duration(i) * time.Millisecond)
		k.Note(nobodys)
		if i%100 == 0 {
			k.Note(turned(fmt.Sprint("s", i), engine.Advanced))
			k.Flush(t.Context())
		}
	}
	k.Flush(t.Context())
	somebodys := 0
	for run := range s.kept {
		if strings.HasPrefix(run, "s") {
			somebodys++
		}
	}
	// 20 s went by.
	if got := len(s.kept) - somebodys; got < nobodysMost || got > nobodysMost+25 || somebodys != 200 {
		t.Errorf("%d trails of nobody and %d of somebody", got, somebodys)
	}
	if !strings.Contains(log.String(), "a flood of them is of nobody") {
		t.Errorf("log:\n%s", log)
	}
}
