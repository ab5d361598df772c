package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.UnixMilli(1_700_000_000_000)

func later(d time.Duration) int64 { return noon.Add(d).UnixMilli() }

func TestTrailOnOneLine(t *testing.T) {
	for _, c := range []struct {
		trail Trail
		text  string
	}{
		{nil, ""},
		{Trail{{Node: "password_form", Exit: OK}}, "password_form/ok"},
		{
			Trail{{Node: "password_form", Exit: OK}, {Node: "email_due", Exit: "unverified", Reason: "mandatory"}},
			"password_form/ok;email_due/unverified:mandatory",
		},
		{Trail{{Node: "code_due", Exit: "trusted", Reason: "trusted=a:b/c"}}, "code_due/trusted:trusted=a:b/c"},
		{Trail{{Node: "acme.terms", Exit: "v2.0"}}, "acme.terms/v2.0"},
	} {
		text, err := c.trail.MarshalText()
		if err != nil || string(text) != c.text {
			t.Errorf("%v prints as %q, %v, want %q", c.trail, text, err, c.text)
		}
		got := Trail{{Node: "left", Exit: "over"}}
		if err := got.UnmarshalText([]byte(c.text)); err != nil || !slices.Equal(got, c.trail) {
			t.Errorf("%q reads as %v, %v, want %v", c.text, got, err, c.trail)
		}
	}
}

func TestTrailRoundTrip(t *testing.T) {
	mark := rapid.Custom(func(t *rapid.T) TrailEntry {
		return TrailEntry{
			Node:   NodeID(rapid.StringMatching(`[a-z0-9_.]+`).Draw(t, "node")),
			Exit:   Exit(rapid.StringMatching(`[a-z0-9_.]+`).Draw(t, "exit")),
			Reason: Reason(rapid.StringMatching(`|[a-z0-9_.=:/ -]+`).Draw(t, "reason")),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		want := Trail(rapid.SliceOf(mark).Draw(rt, "trail"))
		text, err := want.MarshalText()
		if err != nil {
			rt.Fatal(err)
		}
		var got Trail
		if err := got.UnmarshalText(text); err != nil || !slices.Equal(got, want) {
			rt.Fatalf("%q reads as %v, %v, want %v", text, got, err, want)
		}
	})
}

// TestTrailIsNotForged holds that what is written is what is read, or nothing is: no
// text in a mark becomes another mark.
func TestTrailIsNotForged(t *testing.T) {
	if _, err := (Trail{{Node: "country_due", Exit: "skip", Reason: "near;mfa_authenticate/ok"}}).MarshalText(); err == nil {
		t.Error("a reason wrote a step of its own")
	}
	text := rapid.StringMatching(`[a;:/=]{0,6}`)
	var refused int
	rapid.Check(t, func(rt *rapid.T) {
		want := Trail{{Node: "start", Exit: OK}, {
			Node: NodeID(text.Draw(rt, "node")), Exit: Exit(text.Draw(rt, "exit")), Reason: Reason(text.Draw(rt, "reason")),
		}, {Node: "end", Exit: OK}}
		line, err := want.MarshalText()
		if err != nil {
			refused++
			return
		}
		var got Trail
		if err := got.UnmarshalText(line); err != nil || !slices.Equal(got, want) {
			rt.Fatalf("%v is written as %q and read as %v, %v", want, line, got, err)
		}
	})
	if refused == 0 {
		t.Error("no mark was refused")
	}
}

func TestTrailRefuses(t *testing.T) {
	for _, text := range []string{"form", "/", "form/", "/ok", "form/:why", ";", "form/ok;", ";form/ok", "form/ok;;form/ok"} {
		got := Trail{{Node: "left", Exit: "over"}}
		if err := got.UnmarshalText([]byte(text)); err == nil || got != nil {
			t.Errorf("%q reads as %v, %v", text, got, err)
		}
	}
}

// fullRecord has every field set.
func fullRecord() Record {
	return Record{
		Version: 7, Last: Last{From: 6, Digest: []byte("digest"), Wrong: true},
		Runs: []Run{{
			Slot: SlotLogin, ID: "run", Flow: "login", Fingerprint: "7e9ef74b", Node: "verify_email", As: "login_code",
			Subject: "42", Epoch: 3, Started: later(0), Deadline: later(time.Minute), Until: later(time.Second), Tries: 2,
			Acts:       map[string]int{"resend": 1},
			Trail:      Trail{{Node: "password_form", Exit: OK}, {Node: "email_due", Exit: "unverified", Reason: "mandatory"}},
			Credential: "webauthn 7", Hint: "ada@example.org", Data: json.RawMessage(`{"code":"ABCD"}`),
		}},
		Owner: "1", Holder: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", Methods: []Method{{
			Method: "password", At: later(0), Email: "ada@example.org", Phone: "+41446681800", Username: "ada", Type: "totp",
			ID: 5, Provider: "mock", UID: "u1", Passwordless: true, Reauthenticated: true, Verified: true,
		}},
	}
}

func TestRecordRoundTrip(t *testing.T) {
	for name, want := range map[string]Record{"full": fullRecord(), "empty": {}, "one run": {Runs: []Run{{Slot: "s", ID: "i"}}}} {
		b, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeRecord(string(b))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s decodes to %+v, %v", name, b, got, err)
		}
	}
}

// TestRecordsAreFull keeps fullRecord up with the declaration.
func TestRecordsAreFull(t *testing.T) {
	r := fullRecord()
	for _, v := range []any{r, r.Last, r.Runs[0], r.Methods[0]} {
		value := reflect.ValueOf(v)
		for i := range value.NumField() {
			if value.Field(i).IsZero() {
				t.Errorf("%T.%s is not tested", v, value.Type().Field(i).Name)
			}
		}
	}
}

// TestRecordSize holds a run that waits at its last stage below what a pending flow may
// take in the store.
func TestRecordSize(t *testing.T) {
	r := Record{Version: 12, Last: Last{From: 11, Digest: make([]byte, 32)}, Runs: []Run{{
		Slot: SlotLogin, ID: strings.Repeat("x", 22), Flow: "login", Fingerprint: "7e9ef74b", Node: "mfa_authenticate",
		Subject: "4503599627370496", Epoch: 3, Started: later(0), Deadline: later(15 * time.Minute), Hint: "somebody@example.org",
		Trail: Trail{
			{Node: "password_form", Exit: OK}, {Node: "account_due", Exit: "active"}, {Node: "code_due", Exit: "not_required"},
			{Node: "phone_due", Exit: "off"}, {Node: "email_due", Exit: "verified"}, {Node: "factor_due", Exit: "due"},
		},
	}}, Methods: []Method{{Method: "password", At: later(0), Email: "somebody@example.org"}}}
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 230 {
		t.Errorf("the record takes %d bytes, 230 are allowed", len(b))
	}
	t.Logf("%d bytes", len(b))
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{
		``, `x`, `[]`, `"a"`, `{"v":-1}`, `{"v":1}{}`, `{"v":"1"}`,
		`{"r":[{"s":"","i":"x","b":0,"x":0}]}`,
		`{"r":[{"s":"login","i":"","b":0,"x":0}]}`,
		`{"r":[{"s":"login","i":"x","b":0,"x":0},{"s":"login","i":"y","b":0,"x":0}]}`,
		`{"r":[{"s":"login","i":"x","b":0,"x":0,"t":-1}]}`,
		`{"r":[{"s":"login","i":"x","b":0,"x":0,"w":"form"}]}`,
		`{"r":[{"s":"login","i":"x","b":0,"x":0,"w":"form/ok;"}]}`,
	} {
		r, err := DecodeRecord(text)
		if !errors.Is(err, ErrRecord) || !reflect.DeepEqual(r, Record{}) {
			t.Errorf("%q decodes to %+v, %v", text, r, err)
		}
	}
}

// FuzzDecodeRecord holds that whatever decodes is written in one form: what that form
// decodes to is written in it again. An error carries no half record.
func FuzzDecodeRecord(f *testing.F) {
	for _, r := range []Record{fullRecord(), {}} {
		b, err := r.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{
		"\xa0", "\xa1\x03\x81\xa2\x01\x02\x02\x61i", "\xa1\x03\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "\xbf\xff", "\xa1\x01\xfb\x00\x00\x00\x00\x00\x00\x00\x00",
		"\xa2\x03\x81\xa4\x01\x02\x02\x61i\x09\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x0a\x01\x18\x63\xa0", "\xa1\x03\x81\xa3\x01\x02\x02\x61i\x0e\x83\x01\x01\x00",
		`null`, `{"v":1,"r":null,"m":[]}`, `{"r":[{"s":"a","i":"b","b":0,"x":0,"d":null,"a":{}}]}`,
		`{"r":[{"s":"a","i":"b","b":0,"x":0,"d":{"a":"<\u2028>"},"w":"a/b:;c/d"}]}`, `{"R":[{"S":"a","I":"\ud800"}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := DecodeRecord(string(b))
		if err != nil {
			if !errors.Is(err, ErrRecord) || !reflect.DeepEqual(r, Record{}) {
				t.Fatalf("%q: %+v beside %v", b, r, err)
			}
			return
		}
		once, err := r.Encode()
		if err != nil {
			t.Fatalf("%q decodes and cannot be encoded: %v", b, err)
		}
		again, err := DecodeRecord(string(once))
		if err != nil {
			t.Fatalf("%q is written as %s, which does not decode: %v", b, once, err)
		}
		twice, err := again.Encode()
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%q is written as %s, then as %s, %v", b, once, twice, err)
		}
	})
}

func TestRecordRun(t *testing.T) {
	r := fullRecord()
	r.Runs = append(r.Runs, Run{Slot: SlotEmail, ID: "held", Deadline: later(time.Hour)})
	for _, c := range []struct {
		slot Slot
		at   time.Duration
		want string
	}{
		{SlotLogin, 0, "run"},
		{SlotLogin, time.Second - time.Millisecond, "run"},
		{SlotLogin, time.Second, ""}, // its stage's time is over
		{SlotLogin, time.Hour, ""},
		{SlotEmail, time.Hour - time.Millisecond, "held"},
		{SlotEmail, time.Hour, ""},
		{SlotTOTPSecret, 0, ""},
	} {
		var got string
		if run := r.Run(c.slot, noon.Add(c.at)); run != nil {
			got = run.ID
		}
		if got != c.want {
			t.Errorf("slot %s after %s holds %q, want %q", c.slot, c.at, got, c.want)
		}
	}
	r.Run(SlotEmail, noon).Tries = 3
	if r.Runs[1].Tries != 3 {
		t.Error("Run returned a copy")
	}
}

func TestRecordPutAndDrop(t *testing.T) {
	var r Record
	slots := func() string {
		var out []string
		for _, run := range r.Runs {
			out = append(out, fmt.Sprintf("%s=%s", run.Slot, run.ID))
		}
		return strings.Join(out, " ")
	}
	r.Drop("a")
	for _, c := range []struct {
		do   func()
		want string
	}{
		{func() { r.Put(Run{Slot: "a", ID: "1"}) }, "a=1"},
		{func() { r.Put(Run{Slot: "b", ID: "2"}) }, "a=1 b=2"},
		{func() { r.Put(Run{Slot: "a", ID: "3"}) }, "a=3 b=2"},
		{func() { r.Drop("c") }, "a=3 b=2"},
		{func() { r.Drop("a") }, "b=2"},
		{func() { r.Put(Run{Slot: "c", ID: "4"}) }, "b=2 c=4"},
		{func() { r.Drop("c") }, "b=2"},
		{func() { r.Drop("b") }, ""},
	} {
		c.do()
		if got := slots(); got != c.want {
			t.Errorf("the record holds %q, want %q", got, c.want)
		}
	}
}

// TestRecordModel drives Put, Drop and Run beside a map.
func TestRecordModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var r Record
		model := make(map[Slot]string)
		for i := range rapid.IntRange(0, 30).Draw(rt, "steps") {
			slot := rapid.SampledFrom([]Slot{"a", "b", "c", "d"}).Draw(rt, "slot")
			if rapid.Bool().Draw(rt, "put") {
				model[slot] = fmt.Sprint(i)
				r.Put(Run{Slot: slot, ID: model[slot], Deadline: later(time.Minute)})
			} else {
				delete(model, slot)
				r.Drop(slot)
			}
			if len(r.Runs) != len(model) {
				rt.Fatalf("%d runs, want %d", len(r.Runs), len(model))
			}
			for slot, id := range model {
				if run := r.Run(slot, noon); run == nil || run.ID != id {
					rt.Fatalf("slot %s holds %v, want %s", slot, run, id)
				}
			}
		}
	})
}

func TestRecordLogForgets(t *testing.T) {
	var r Record
	r.Log("1")
	for i := range MaxMethods + 5 {
		r.Log("1", Method{ID: int64(i)})
		if want := min(i+1, MaxMethods); len(r.Methods) != want {
			t.Fatalf("after %d entries the log has %d, want %d", i+1, len(r.Methods), want)
		}
	}
	if first, last := r.Methods[0].ID, r.Methods[MaxMethods-1].ID; first != 5 || last != MaxMethods+4 {
		t.Errorf("the log holds %d to %d", first, last)
	}
	many := make([]Method, 2*MaxMethods)
	many[MaxMethods].ID = 99
	r.Log("1", many...)
	if len(r.Methods) != MaxMethods || r.Methods[0].ID != 99 {
		t.Errorf("logging many at once keeps %d from %d on", len(r.Methods), r.Methods[0].ID)
	}
}

// TestRecordCloneIsItsOwn does everything a step does to a clone.
func TestRecordCloneIsItsOwn(t *testing.T) {
	r, want := fullRecord(), fullRecord()
	r.Put(Run{Slot: SlotEmail, ID: "held", Deadline: later(time.Hour)})
	want.Put(Run{Slot: SlotEmail, ID: "held", Deadline: later(time.Hour)})
	// Room behind the slices is what a careless append would write into.
	r.Methods = append(make([]Method, 0, 8), r.Methods...)
	r.Runs[0].Trail = append(make(Trail, 0, 8), r.Runs[0].Trail...)
	for _, change := range []func(*Record){
		func(c *Record) { c.Version++ },
		func(c *Record) { c.Drop(SlotLogin) },
		func(c *Record) { c.Put(Run{Slot: SlotLogin, ID: "new"}) },
		func(c *Record) { c.Put(Run{Slot: "other", ID: "new"}) },
		func(c *Record) { c.prune(noon.Add(time.Hour)) },
		func(c *Record) { c.Log("1", Method{Method: "totp"}) },
		func(c *Record) { c.Runs[0].Tries = 9 },
		func(c *Record) { c.Runs[0].Acts["resend"]++ },
		func(c *Record) { c.Runs[0].Trail = append(c.Runs[0].Trail, TrailEntry{Node: "x", Exit: OK}) },
		func(c *Record) { c.Runs[0].Data = json.RawMessage(`{}`) },
	} {
		c := r.Clone()
		if !reflect.DeepEqual(c, r) {
			t.Fatalf("the clone is %+v, not %+v", c, r)
		}
		change(&c)
		if !reflect.DeepEqual(r, want) {
			t.Fatalf("changing a clone made the record %+v", r)
		}
		if got, room := r.Methods[:2][1], r.Runs[0].Trail[:3][2]; got != (Method{}) || room != (TrailEntry{}) {
			t.Fatalf("changing a clone wrote behind the record: %+v %+v", got, room)
		}
	}
}

// TestRecordRemainder: of a session that the same account signs in over only the states of
// windows at providers are left, of another account's nothing.
func TestRecordRemainder(t *testing.T) {
	r := Record{Version: 7, Methods: []Method{{Method: "password"}}}
	r.Put(Run{Slot: SlotOAuth, ID: "oauth", Deadline: later(time.Hour), Data: []byte("[]")})
	r.Put(Run{Slot: SlotEmail, ID: "e", Deadline: later(time.Hour)})
	if got := r.remainder(true, noon); len(got.Runs) != 1 || got.Runs[0].Slot != SlotOAuth || got.Methods != nil || got.Version != 0 {
		t.Errorf("the same account's: %+v", got)
	}
	if got := r.remainder(false, noon); len(got.Runs) != 0 {
		t.Errorf("another account's: %+v", got)
	}
	if got := r.remainder(true, noon.Add(2*time.Hour)); len(got.Runs) != 0 {
		t.Errorf("later: %+v", got)
	}
}

func TestRecordPrune(t *testing.T) {
	r := Record{Runs: []Run{
		{Slot: "a", ID: "over", Deadline: later(0)},
		{Slot: "b", ID: "good", Deadline: later(time.Minute)},
		{Slot: "c", ID: "left", Deadline: later(time.Minute), Until: later(-time.Second)},
		{Slot: "d", ID: "also", Deadline: later(1 * time.Millisecond), Until: later(time.Hour)},
	}}
	r.prune(noon)
	if len(r.Runs) != 2 || r.Runs[0].ID != "good" || r.Runs[1].ID != "also" {
		t.Errorf("left are %+v", r.Runs)
	}
}
