package state

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestAccountIDOnTheWire: what is a number is written as one, and each is read as it was.
func TestAccountIDOnTheWire(t *testing.T) {
	for id, want := range map[AccountID]string{
		"": `0`, "1": `1`, "-5": `-5`, "9007199254740992": `9007199254740992`, "-9007199254740992": `-9007199254740992`,
		"9007199254740993": `"9007199254740993"`, "007": `"007"`, "+7": `"+7"`, "-0": `"-0"`, "1e3": `"1e3"`, "0x2a": `"0x2a"`,
		"99999999999999999999": `"99999999999999999999"`, `a"\b`: `"a\"\\b"`, "0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11": `"0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11"`,
	} {
		b, err := json.Marshal(id)
		if err != nil || string(b) != want {
			t.Errorf("%q is written %s, %v; want %s", id, b, err, want)
		}
		var got AccountID
		if err := json.Unmarshal(b, &got); err != nil || got != id {
			t.Errorf("%s is read %q, %v; want %q", b, got, err, id)
		}
	}
}

// TestAccountIDRead: what is no id is refused, and no number loses a digit.
func TestAccountIDRead(t *testing.T) {
	for text, want := range map[string]AccountID{`0`: "", `""`: "", `null`: "kept", `"12"`: "12", `9223372036854775807`: "9223372036854775807"} {
		got := AccountID("kept")
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is read %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`1.5`, `1e3`, `9223372036854775808`, `true`, `{}`, `["1"]`} {
		got := AccountID("kept")
		if err := json.Unmarshal([]byte(text), &got); err == nil || got != "kept" {
			t.Errorf("%s is read %q, %v", text, got, err)
		}
	}
	// What the release before has written.
	var s Snapshot
	if err := json.Unmarshal([]byte(`{"id":9007199254740991,"rev":4}`), &s); err != nil || s.Account != "9007199254740991" || s.Revision != 4 {
		t.Errorf("snapshot %+v, %v", s, err)
	}
	var k Ticket
	if err := json.Unmarshal([]byte(`{"id":5,"acc":7}`), &k); err != nil || k.Account != "7" || k.Session != 5 {
		t.Errorf("ticket %+v, %v", k, err)
	}
}

// FuzzAccountID: whatever may be the id of an account is told from every other by its bytes
// and by its JSON, and fits a user handle.
func FuzzAccountID(f *testing.F) {
	for _, id := range []string{"1", "-1", "abcdefgh", "9007199254740992", "9007199254740993", "0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11", "~", "00"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseAccountID(text)
		if err != nil {
			if id != "" {
				t.Errorf("%q is refused and %q", text, id)
			}
			return
		}
		b := id.Bytes()
		if got := AccountIDOf(b); got != id || len(b) == 0 || len(b) > 64 {
			t.Errorf("%q is %x, which is %q", id, b, got)
		}
		j, err := json.Marshal(id)
		var back AccountID
		if err != nil || json.Unmarshal(j, &back) != nil || back != id {
			t.Errorf("%q is %s, which is %q", id, j, back)
		}
	})
}

func TestAccountIDBytes(t *testing.T) {
	if got := AccountID("258").Bytes(); !bytes.Equal(got, []byte{0, 0, 0, 0, 0, 0, 1, 2}) {
		t.Errorf("258 is %x: what browsers and letters hold would be void", got)
	}
	if got := AccountID("").Bytes(); !bytes.Equal(got, make([]byte, 8)) || AccountIDOf(got) != "" {
		t.Errorf("nobody is %x, which is %q", got, AccountIDOf(got))
	}
	for _, b := range [][]byte{nil, {0}, []byte("a b"), bytes.Repeat([]byte{'x'}, 65), {0x7f, 1, 2, 3, 4, 5, 6, 7}} {
		if got := AccountIDOf(b); got != "" {
			t.Errorf("%x is account %q", b, got)
		}
	}
}

func TestParseAccountID(t *testing.T) {
	for _, text := range []string{"", "0", " ", "a b", "a\t", "é", "\x7f", strings.Repeat("x", MaxAccountID+1)} {
		if id, err := ParseAccountID(text); err == nil || id != "" {
			t.Errorf("%q is account %q", text, id)
		}
	}
	for _, text := range []string{"1", "a", "~", "!", "00", strings.Repeat("x", MaxAccountID)} {
		if id, err := ParseAccountID(text); err != nil || string(id) != text {
			t.Errorf("%q is account %q, %v", text, id, err)
		}
	}
}
