package player

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestTrails holds what runs went through against what a story says.
func TestTrails(t *testing.T) {
	turns := [][]Turn{
		{{Run: "1", Flow: "login", Refused: true}},
		{{Run: "2", Flow: "login", Marks: []string{"form/ok", "due/asked:mode=on"}, Stage: "code"}},
		{{Run: "2", Flow: "login", Marks: []string{"code/ok"}, End: "session"}},
	}
	for trail, want := range map[string]string{
		"[{flow: login, marks: [form/ok, due/asked, code/ok], end: session}]":             "",
		"[{flow: login, marks: [form/ok, \"due/asked:mode=on\", code/ok], end: session}]": "",
		"[]": "trail 1: unexpected: login as laptop: form/ok due/asked:mode=on code/ok -> session",
		"[{flow: login, marks: [form/ok, due/asked, code/ok]}]":                               "trail 1: want login: form/ok due/asked code/ok (waits), got login: form/ok due/asked:mode=on code/ok -> session",
		"[{flow: signup, marks: [form/ok, due/asked, code/ok], end: session}]":                "trail 1: want signup: form/ok due/asked code/ok -> session, got login: form/ok due/asked:mode=on code/ok -> session",
		"[{flow: login, marks: [form/ok, \"due/asked:mode=off\", code/ok], end: session}]":    "trail 1: want login: form/ok due/asked:mode=off code/ok -> session, got login: form/ok due/asked:mode=on code/ok -> session",
		"[{flow: login, as: phone, marks: [form/ok, due/asked, code/ok], end: session}]":      "trail 1: want login as phone: form/ok due/asked code/ok -> session, got login as laptop: form/ok due/asked:mode=on code/ok -> session",
		"[{flow: login, marks: [form/ok, due/asked, code/ok], end: session}, {flow: signup}]": "trail 2: missing, want a run of signup",
	} {
		story, err := Parse([]byte("proves: x\nsteps: [{req: GET =/x, as: laptop, repeat: 3}]\ntrail: " + trail + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		left := slices.Clone(turns)
		w := (&toy{}).world()
		w.Turns = func() []Turn { next := left[0]; left = left[1:]; return next }
		r := Run(t.Context(), Play{story, App}, func(context.Context, *Story, string) (*World, error) { return w, nil })
		got := ""
		if len(r.Faults) > 0 {
			got = r.Faults[0].String()
		}
		if got != want || r.Passed != (want == "") {
			t.Errorf("%s: passed %v, %q\nwant %q", trail, r.Passed, got, want)
		}
	}
}

// TestPrints: a story that was recorded under another graph says so, and passes if it
// still fits.
func TestPrints(t *testing.T) {
	story, err := Parse([]byte("proves: x\nprints: {login: aaaa, signup: bbbb, gone: cccc}\ntrail: []\nsteps: [{req: GET =/x}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	w := (&toy{}).world()
	w.Prints = map[string]string{"login": "aaaa", "signup": "1234"}
	r := Run(t.Context(), Play{story, App}, func(context.Context, *Story, string) (*World, error) { return w, nil })
	passes(t, r)
	want := []string{
		"recorded under an older graph: there is no flow gone any more", "recorded under an older graph: signup was bbbb and is 1234 now",
		"trails are not told by a server behind an address, and were not compared",
	}
	if !slices.Equal(r.Remarks, want) {
		t.Errorf("remarks %q", r.Remarks)
	}
	var b bytes.Buffer
	Printer{Out: &b, Quiet: true}.Print(r)
	if !strings.Contains(b.String(), "note: recorded under an older graph: signup was bbbb") {
		t.Errorf("it is not said: %s", b.String())
	}
}

// TestRunAll hands results on in the order of plays, however many go on at once, and
// plays what is serial by itself.
func TestRunAll(t *testing.T) {
	var plays []Play
	for i := range 12 {
		story, err := Parse([]byte(fmt.Sprintf("proves: x\nserial: %v\nclients: [app]\nsteps: [{req: GET =/x}]\n", i%3 == 0)))
		if err != nil {
			t.Fatal(err)
		}
		story.Name = fmt.Sprint(i)
		plays = append(plays, Plays([]*Story{story})...)
	}
	var going, together atomic.Int32
	target := func(_ context.Context, s *Story, _ string) (*World, error) {
		n := going.Add(1)
		if s.Serial && n > 1 {
			t.Errorf("story %s is played beside others", s.Name)
		}
		together.Store(max(together.Load(), n))
		time.Sleep(2 * time.Millisecond)
		w := (&toy{}).world()
		w.Close = func() error { going.Add(-1); return nil }
		return w, nil
	}
	var order []string
	var tally Tally
	RunAll(t.Context(), plays, target, 4, func(r Result) { order = append(order, r.Play.Story.Name); tally.Add(r) })
	if strings.Join(order, " ") != "0 1 2 3 4 5 6 7 8 9 10 11" || tally.String() != "12 passed, 0 failed" {
		t.Errorf("in the order %q: %s", order, tally)
	}
	if together.Load() < 2 {
		t.Error("nothing was played at once")
	}
}

// TestInterrupted: once nobody waits for results any more, plays are skipped, and what
// was played is told.
func TestInterrupted(t *testing.T) {
	story, err := Parse([]byte("proves: x\nclients: [app]\nsteps: [{req: GET =/x}, {req: GET =/broken}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	began := 0
	target := func(context.Context, *Story, string) (*World, error) {
		began++
		w := (&toy{}).world()
		w.Close = func() error { cancel(); return nil }
		return w, nil
	}
	var tally Tally
	RunAll(ctx, []Play{{story, App}, {story, App}, {story, App}}, target, 1, func(r Result) { tally.Add(r) })
	if began != 1 || tally.String() != "0 passed, 0 failed, 3 skipped" {
		t.Errorf("%d began: %s", began, tally)
	}
}
