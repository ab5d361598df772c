package engine

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAnAnonymousRecordIsKeptSmall(t *testing.T) {
	run := func(slot Slot, minute, data int) Run {
		return Run{
			Slot: slot, ID: "AAAAAAAAAAAAAAAAAAAAAA", Flow: "login", Started: later(time.Duration(minute) * time.Minute),
			Data: json.RawMessage(strconv.Quote(strings.Repeat("a", data))),
		}
	}
	for _, c := range []struct {
		name string
		runs []Run
		keep Slot
		left []Slot
		err  error
	}{
		{"small", []Run{run("a", 0, 100), run("b", 1, 100)}, "a", []Slot{"a", "b"}, nil},
		{"just fits", []Run{run("a", 0, 1850), run("b", 1, 1850)}, "a", []Slot{"a", "b"}, nil},
		{"oldest gives way", []Run{run("a", 3, 1500), run("b", 1, 1500), run("c", 2, 1500)}, "a", []Slot{"a", "c"}, nil},
		{"not the one at hand", []Run{run("a", 0, 1500), run("b", 1, 1500), run("c", 2, 1500)}, "a", []Slot{"a", "c"}, nil},
		{"nor the last", []Run{run("a", 0, 1500), run("b", 1, 3500)}, "", []Slot{"b"}, nil},
		{"one alone", []Run{run("a", 0, 5000)}, "a", nil, ErrTooLarge},
		{"the last alone", []Run{run("a", 0, 5000)}, "", nil, ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Record{Version: 1, Runs: c.runs}
			err := r.Fit(c.keep)
			if !errors.Is(err, c.err) {
				t.Fatalf("got %v, want %v", err, c.err)
			}
			if c.err != nil {
				return
			}
			var left []Slot
			for _, run := range r.Runs {
				left = append(left, run.Slot)
			}
			if b, err := r.Encode(); err != nil || len(b) > MaxRecord || !slices.Equal(left, c.left) {
				t.Errorf("%v are left in %d bytes, %v; want %v", left, len(b), err, c.left)
			}
		})
	}
}

// TestALongLogGivesWay: a client that has authenticated often, as somebody with a long
// name, keeps the run it waits in.
func TestALongLogGivesWay(t *testing.T) {
	r := Record{Version: 1}
	for i := range MaxMethods {
		r.Log("1", Method{Method: "password", At: int64(i), Email: strings.Repeat("&", 240) + "@x.org"})
	}
	for i, slot := range []Slot{"a", "b"} {
		r.Put(Run{Slot: slot, ID: "AAAAAAAAAAAAAAAAAAAAAA", Flow: "login", Started: int64(i), Data: json.RawMessage(`"` + strings.Repeat("a", 600) + `"`)})
	}
	if err := r.Fit("b"); err != nil {
		t.Fatal(err)
	}
	b, err := r.Encode()
	if err != nil || len(b) > MaxRecord || len(r.Runs) != 2 || len(r.Methods) < fewMethods || r.Methods[len(r.Methods)-1].At != MaxMethods-1 {
		t.Errorf("%d bytes, %d runs, log %v, %v", len(b), len(r.Runs), r.Methods, err)
	}
	// A run that needs the room has it.
	r.Put(Run{Slot: "b", ID: "AAAAAAAAAAAAAAAAAAAAAA", Flow: "login", Data: json.RawMessage(`"` + strings.Repeat("a", 3800) + `"`)})
	if err := r.Fit("b"); err != nil || len(r.Runs) != 1 || r.Runs[0].Slot != "b" {
		t.Errorf("%v, runs %v", err, r.Runs)
	}
}

func TestTheBoundOfARecordHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		r := Record{Version: rapid.Uint64().Draw(t, "version"), Last: Last{From: 1 << 60, Digest: make([]byte, 32)}}
		for i := range rapid.IntRange(0, 6).Draw(t, "runs") {
			data, _ := json.Marshal(text.Draw(t, "data"))
			r.Put(Run{
				Slot: Slot(strconv.Itoa(i)), ID: "AAAAAAAAAAAAAAAAAAAAAA", Flow: "password_reset_by_code", Node: "password_reset_code",
				Fingerprint: strings.Repeat("f", 32), Started: later(0), Deadline: later(time.Hour), Until: later(time.Hour), Tries: 3,
				Hint: text.Draw(t, "hint"), Data: data, Acts: map[string]int{"resend": 3},
				Trail: Trail{{Node: "code_due", Exit: OK, Reason: "trusted=1"}},
			})
		}
		for range rapid.IntRange(0, 4).Draw(t, "methods") {
			r.Log("1", Method{Method: "socialaccount", At: later(0), Email: text.Draw(t, "email"), UID: text.Draw(t, "uid"), Passwordless: true, Reauthenticated: true})
		}
		if b, err := r.Encode(); err != nil || len(b) > r.bound() {
			t.Fatalf("%d bytes, %v, and the bound is %d", len(b), err, r.bound())
		}
	})
}
