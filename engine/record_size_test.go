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
			err := r.fit(c.keep)
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

func TestTheBoundOfARecordHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		r := Record{Version: rapid.Uint64().Draw(t, "version"), Last: Last{From: 1 << 60, Digest: make([]byte, 32)}}
		for i := range rapid.IntRange(0, 6).Draw(t, "runs") {
			data, _ := json.Marshal(text.Draw(t, "data"))
			r.Put(Run{
				Slot: Slot(strconv.Itoa(i)), ID: "AAAAAAAAAAAAAAAAAAAAAA", Flow: "password_reset_by_code", Node: "password_reset_code",
				Print: strings.Repeat("f", 32), Started: later(0), Deadline: later(time.Hour), Until: later(time.Hour), Tries: 3,
				Hint: text.Draw(t, "hint"), Data: data, Acts: Counts{"resend": 3},
				Trail: Trail{{Node: "code_due", Exit: OK, Reason: "trusted=1"}},
			})
		}
		for range rapid.IntRange(0, 4).Draw(t, "methods") {
			r.Log(Method{Method: "socialaccount", At: later(0), Email: text.Draw(t, "email"), UID: text.Draw(t, "uid"), Passwordless: true, Reauthenticated: true})
		}
		if b, err := r.Encode(); err != nil || len(b) > r.bound() {
			t.Fatalf("%d bytes, %v, and the bound is %d", len(b), err, r.bound())
		}
	})
}
