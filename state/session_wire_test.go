package state

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// fullSnapshot and fullTicket have every field set.
func fullSnapshot() Snapshot {
	return Snapshot{
		Account: "9007199254740991", Revision: 7, Username: "ada", Email: "ada@example.org", HasPassword: true, Verified: []string{"a@example.org", "ada@example.org"},
		Phone: "+41446681800", Providers: []string{"dummy"}, SecondFactor: []AuthenticatorType{RecoveryCodes, TOTP, WebAuthn},
		Profile: Profile{Name: "Ada Lovelace", GivenName: "Ada", FamilyName: "Lovelace", Picture: "https://example.org/ada"},
	}
}

func fullTicket() Ticket {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	return Ticket{Session: 5, Account: "7", Epoch: 2, CreatedAt: at, ExpiresAt: at.Add(time.Hour), CheckedAt: at.Add(time.Minute),
		Binding: Binding{Kind: BoundDBSC, Thumbprint: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", Key: "0\x00\xff", At: at}, BindBy: at.Add(time.Second), GoodUntil: at.Add(time.Hour)}
}

// TestBesideIsFull keeps them up with the declarations.
func TestBesideIsFull(t *testing.T) {
	for _, v := range []any{fullSnapshot(), fullTicket()} {
		value := reflect.ValueOf(v)
		for i := range value.NumField() {
			if value.Field(i).IsZero() {
				t.Errorf("%T.%s is not tested", v, value.Type().Field(i).Name)
			}
		}
	}
}

func TestSnapshotRoundTrip(t *testing.T) {
	text := rapid.StringN(0, 40, 60)
	rapid.Check(t, func(rt *rapid.T) {
		want := fullSnapshot()
		if rapid.Bool().Draw(rt, "other") {
			want = Snapshot{
				Account: AccountID(text.Draw(rt, "account")), Revision: rapid.Int64().Draw(rt, "revision"), Username: text.Draw(rt, "name"),
				Email: text.Draw(rt, "email"), HasPassword: rapid.Bool().Draw(rt, "password"), Phone: text.Draw(rt, "phone"),
				Profile: Profile{Name: text.Draw(rt, "whole name"), Picture: text.Draw(rt, "picture")},
			}
			if list := rapid.SliceOf(text).Draw(rt, "verified"); len(list) > 0 {
				want.Verified = list
			}
			if rapid.Bool().Draw(rt, "factor") {
				want.SecondFactor = []AuthenticatorType{AuthenticatorType(text.Draw(rt, "kind"))}
			}
		}
		stored := want.Encode()
		got, err := DecodeSnapshot(stored)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			rt.Fatalf("%v\n%s", err, d)
		}
		if rev := RevisionOf(stored); rev != want.Revision {
			rt.Fatalf("revision %d, want %d", rev, want.Revision)
		}
	})
}

func TestTicketRoundTrip(t *testing.T) {
	for _, want := range []Ticket{fullTicket(), {}, {Session: -1, Account: "x", CreatedAt: time.UnixMicro(0).UTC()}} {
		got, err := DecodeTicket(want.Encode())
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%v\n%s", err, d)
		}
	}
}

// TestBesideOfReleasesBefore: the JSON in which they lie in the store is read.
func TestBesideOfReleasesBefore(t *testing.T) {
	old, err := json.Marshal(fullSnapshot())
	if err != nil {
		t.Fatal(err)
	}
	s, err := DecodeSnapshot(string(old))
	if d := cmp.Diff(fullSnapshot(), s); err != nil || d != "" || RevisionOf(string(old)) != 7 {
		t.Errorf("%v\n%s", err, d)
	}
	if old, err = json.Marshal(fullTicket()); err != nil {
		t.Fatal(err)
	}
	k, err := DecodeTicket(string(old))
	want := fullTicket()
	want.Binding, want.BindBy, want.GoodUntil = Binding{}, time.Time{}, time.Time{} // none had it
	if d := cmp.Diff(want, k); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
}

// TestDamagedBeside: no part of one is one, and an error carries nothing.
func TestDamagedBeside(t *testing.T) {
	s, k := fullSnapshot().Encode(), fullTicket().Encode()
	for n := range s {
		if got, err := DecodeSnapshot(s[:n]); !errors.Is(err, ErrBeside) || !cmp.Equal(got, Snapshot{}) {
			t.Errorf("%d bytes of a snapshot: %+v, %v", n, got, err)
		}
	}
	for n := range k {
		if got, err := DecodeTicket(k[:n]); !errors.Is(err, ErrBeside) || !cmp.Equal(got, Ticket{}) {
			t.Errorf("%d bytes of a ticket: %+v, %v", n, got, err)
		}
	}
	for _, text := range []string{"", "null", "[]", `{"id":`, "\xa1\x09\x81\x18\x63", s + "\x00"} {
		if got, err := DecodeSnapshot(text); !errors.Is(err, ErrBeside) || !cmp.Equal(got, Snapshot{}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
		if rev := RevisionOf(text); rev != 0 {
			t.Errorf("%q has the revision %d", text, rev)
		}
	}
}

// TestReadingASessionIsCheap counts what a read of a session allocates for what lies beside
// its record: the lists.
func TestReadingASessionIsCheap(t *testing.T) {
	s, k := fullSnapshot().Encode(), fullTicket().Encode()
	if n := testing.AllocsPerRun(100, func() { _ = RevisionOf("") }); n > 0 {
		t.Errorf("that there is no snapshot takes %v allocations to see", n)
	}
	n := testing.AllocsPerRun(100, func() {
		if _, err := DecodeSnapshot(s); err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeTicket(k); err != nil {
			t.Fatal(err)
		}
	})
	if n > 3 {
		t.Errorf("%v allocations, 3 are allowed", n)
	}
}

// FuzzDecodeSnapshot: what is read can be written, and is read as the same.
func FuzzDecodeSnapshot(f *testing.F) {
	for _, s := range []string{fullSnapshot().Encode(), `{"id":1,"rev":2}`, "\xbf\xff", "\xa1\x06\x9b\xff\xff\xff\xff\xff\xff\xff\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, stored string) {
		s, err := DecodeSnapshot(stored)
		if err != nil {
			if !cmp.Equal(s, Snapshot{}) {
				t.Fatalf("%+v beside %v", s, err)
			}
			return
		}
		once := s.Encode()
		again, err := DecodeSnapshot(once)
		if err != nil || again.Encode() != once {
			t.Fatalf("%q is written as %q, then as %q, %v", stored, once, again.Encode(), err)
		}
	})
}
