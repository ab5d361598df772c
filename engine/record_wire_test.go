package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// TestRecordOfReleasesBefore: the JSON in which they lie in the store is read, and written
// back as CBOR.
func TestRecordOfReleasesBefore(t *testing.T) {
	want := fullRecord()
	old, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	const stored = `{"v":3,"l":{"f":2,"d":"AQ=="},"r":[{"s":"login","i":"dG9rZW4gb2YgYSBydW4gMQ","f":"login","p":"7e9ef74b","n":"mfa_authenticate",` +
		`"u":42,"b":1,"x":2,"w":"password_form/ok;email_due/verified:email=verified","d":{"t":["totp"]}}]}`
	literal := Record{Version: 3, Last: Last{From: 2, Digest: []byte{1}}, Runs: []Run{{
		Slot: SlotLogin, ID: "dG9rZW4gb2YgYSBydW4gMQ", Flow: "login", Fingerprint: "7e9ef74b", Node: "mfa_authenticate", Subject: "42", Started: 1, Deadline: 2,
		Trail: Trail{{Node: "password_form", Exit: OK}, {Node: "email_due", Exit: "verified", Reason: "email=verified"}}, Data: json.RawMessage(`{"t":["totp"]}`),
	}}}
	for text, want := range map[string]Record{string(old): want, stored: literal} {
		got, err := DecodeRecord(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s is read as %+v, %v", text, got, err)
		}
		b, err := got.Encode()
		if err != nil || b[0] == '{' || cbor.Wellformed(b) != nil {
			t.Fatalf("it is written as %q, %v", b, err)
		}
		if got, err = DecodeRecord(string(b)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("and read as %+v, %v", got, err)
		}
	}
}

// TestRecordIsCBOR: anybody's library reads it, by the keys that are declared.
func TestRecordIsCBOR(t *testing.T) {
	r := fullRecord()
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version uint64 `cbor:"1,keyasint"`
		Last    struct {
			From   uint64 `cbor:"1,keyasint"`
			Digest []byte `cbor:"2,keyasint"`
		} `cbor:"2,keyasint"`
		Runs []struct {
			Hint  string `cbor:"15,keyasint"`
			Data  []byte `cbor:"17,keyasint"`
			Trail []any  `cbor:"14,keyasint"`
		} `cbor:"3,keyasint"`
		Methods []struct {
			Email    string `cbor:"3,keyasint"`
			Verified bool   `cbor:"12,keyasint"`
		} `cbor:"4,keyasint"`
		Owner string `cbor:"5,keyasint"`
	}
	if err := cbor.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 7 || string(got.Last.Digest) != "digest" || got.Runs[0].Hint != r.Runs[0].Hint || !bytes.Equal(got.Runs[0].Data, r.Runs[0].Data) ||
		len(got.Runs[0].Trail) != 6 || got.Methods[0].Email != "ada@example.org" || !got.Methods[0].Verified || got.Owner != "1" {
		t.Errorf("%+v", got)
	}
}

// TestDamagedRecords: no part of a record is one, and no record with a byte of it changed
// ends the process.
func TestDamagedRecords(t *testing.T) {
	r := fullRecord()
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		if got, err := DecodeRecord(string(b[:n])); !errors.Is(err, ErrRecord) || !reflect.DeepEqual(got, Record{}) {
			t.Fatalf("the first %d bytes are read as %+v, %v", n, got, err)
		}
		for _, to := range []byte{0, 0x1f, 0x3b, 0x5b, 0x7b, 0x9b, 0xbb, 0xdb, 0xff, b[n] ^ 1, b[n] ^ 0x80} {
			damaged := bytes.Clone(b)
			damaged[n] = to
			if got, err := DecodeRecord(string(damaged)); err != nil && (!errors.Is(err, ErrRecord) || !reflect.DeepEqual(got, Record{})) {
				t.Fatalf("with byte %d as %x: %+v beside %v", n, to, got, err)
			}
		}
	}
	if _, err := DecodeRecord(string(b) + "\x00"); !errors.Is(err, ErrRecord) {
		t.Errorf("with something behind it: %v", err)
	}
}

// TestDecodeRefusesCBOR: what a library can write and no record is.
func TestDecodeRefusesCBOR(t *testing.T) {
	type m map[int]any
	run := func(fields m) m {
		whole := m{1: "s", 2: "i"}
		for key, v := range fields {
			whole[key] = v
		}
		return m{1: 3, 3: []any{whole}}
	}
	if b, err := cbor.Marshal(run(nil)); err != nil {
		t.Fatal(err)
	} else if _, err := DecodeRecord(string(b)); err != nil {
		t.Fatalf("what all of them are made of: %v", err)
	}
	for name, v := range map[string]any{
		"a version below 0": m{1: -1}, "a version that is a text": m{1: "3"}, "a list": []any{1}, "a text": "record", "no slot": run(m{1: ""}), "no id": run(m{2: ""}),
		"a short id": run(m{2: []byte("short")}), "a short fingerprint": run(m{4: []byte("ab")}), "tries below 0": run(m{12: -1}), "half an action": run(m{13: []any{"a"}}),
		"half a step": run(m{14: []any{"form", "ok"}}), "a step without an exit": run(m{14: []any{"form", "", ""}}), "a forged step": run(m{14: []any{"form", "ok", "x;mfa/ok"}}),
		"a word of a later release": run(m{5: 60_000}), "a float": m{1: 1.5}, "null": nil, "two runs in a slot": m{1: 3, 3: []any{m{1: "s", 2: "i"}, m{1: "s", 2: "j"}}},
	} {
		b, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := DecodeRecord(string(b)); !errors.Is(err, ErrRecord) || !reflect.DeepEqual(r, Record{}) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// TestIDsOfAnyShape: what is written as bytes is what is read, and what is not like the
// engine's own is written as it is.
func TestIDsOfAnyShape(t *testing.T) {
	for _, id := range []string{
		"dG9rZW4gb2YgYSBydW4gMQ", "dG9rZW4gb2YgYSBydW4gMR", "dG9rZW4gb2YgYSBydW4g\nQ", "dG9rZW4gb2YgYSBydW4gMQ==", "AAAAAAAAAAAAAAAAAAAAA+", "x", "0123456789abcdef012345",
	} {
		for _, print := range []string{"", "7e9ef74b", "7E9EF74B", "7e9ef74", "7e9ef74bb", "zzzzzzzz"} {
			for _, subject := range []AccountID{"", "1", "0", "01", "-1", "9007199254740991", "9999999999999999999", "99999999999999999999", "0197f3d2-1d6c"} {
				want := Record{Version: 1, Runs: []Run{{Slot: "s", ID: id, Fingerprint: print, Subject: subject}}}
				b, err := want.Encode()
				if err != nil {
					t.Fatal(err)
				}
				if got, err := DecodeRecord(string(b)); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%q, %q, %q are read as %+v, %v", id, print, subject, got.Runs, err)
				}
			}
		}
	}
}

func TestTombstoneRoundTrip(t *testing.T) {
	for _, want := range []Tombstone{{}, {Run: "run"}, {Last: Last{From: 3, Digest: []byte{1}, Wrong: true}, Run: "run", Next: KeyOf([]byte("x"))}} {
		stored := string(want.Encode())
		if got := DecodeTombstone(stored); !reflect.DeepEqual(got, want) {
			t.Errorf("%x is read as %+v, want %+v", stored, got, want)
		}
	}
	for _, stored := range []string{"", "garbage", "\xa1\x02", `{"r":"run"}`} {
		if got := DecodeTombstone(stored); !reflect.DeepEqual(got, Tombstone{}) {
			t.Errorf("%q is read as %+v", stored, got)
		}
	}
}

// TestWordsStay: a word that changed its number would be another one in every record that is
// stored. Words at the end are the only change there can be; this sum is of those there were.
func TestWordsStay(t *testing.T) {
	const before, sum = written, "5724e553538edbd3"
	list := words().List()
	if len(list) < before {
		t.Fatalf("%d words are left of %d", len(list), before)
	}
	hash := sha256.Sum256([]byte(strings.Join(list[:before], "\n")))
	if got := hex.EncodeToString(hash[:8]); got != sum {
		t.Errorf("the first %d words have the sum %s, not %s", before, got, sum)
	}
	seen := make(map[string]bool)
	for _, w := range list {
		if seen[w] {
			t.Errorf("%q is there twice", w)
		}
		seen[w] = true
	}
}

// TestDecodingIsCheap counts what reading a run allocates: its slices, and the texts that are
// stored as bytes.
func TestDecodingIsCheap(t *testing.T) {
	r := fullRecord()
	r.Runs[0].ID, r.Runs[0].Acts = "dG9rZW4gb2YgYSBydW4gMQ", nil
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	stored := string(b)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := DecodeRecord(stored); err != nil {
			t.Fatal(err)
		}
	}); n > 9 {
		t.Errorf("%v allocations, 9 are allowed", n)
	}
}
