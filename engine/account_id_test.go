package engine

import (
	"encoding/json"
	"testing"
)

// TestAccountIDIsStoredAsEver: records hold numbers where ids are numbers, as those of the
// release before do, and are read as they were written.
func TestAccountIDIsStoredAsEver(t *testing.T) {
	for id, want := range map[AccountID]string{
		"": `{}`, "7": `{"u":7}`, "-7": `{"u":-7}`, "9007199254740992": `{"u":9007199254740992}`,
		"9007199254740993": `{"u":"9007199254740993"}`, "007": `{"u":"007"}`,
		"0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11": `{"u":"0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11"}`,
	} {
		type run struct {
			Subject AccountID `json:"u,omitempty"`
		}
		b, err := json.Marshal(run{id})
		if err != nil || string(b) != want {
			t.Errorf("%q is stored as %s, %v; want %s", id, b, err, want)
		}
		var got run
		if err := json.Unmarshal(b, &got); err != nil || got.Subject != id {
			t.Errorf("%s is read %q, %v; want %q", b, got.Subject, err, id)
		}
	}
	for _, text := range []string{`1.5`, `1e3`, `true`, `[]`} {
		id := AccountID("kept")
		if err := json.Unmarshal([]byte(text), &id); err == nil || id != "kept" {
			t.Errorf("%s is read %q, %v", text, id, err)
		}
	}
	if b, err := json.Marshal(AccountID("")); err != nil || string(b) != "0" {
		t.Errorf("nobody is %s, %v", b, err)
	}
}
