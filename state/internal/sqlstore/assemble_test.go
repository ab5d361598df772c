package sqlstore

import (
	"testing"

	"stagedoor/state"
)

// TestPartsInAnyOrder: the rows of an account come as the database likes, and its addresses are
// in the order in which they were added all the same.
func TestPartsInAnyOrder(t *testing.T) {
	got, err := assemble([]part{
		{kind: 2, seq: 1, t1: string(state.TOTP)}, {kind: 1, seq: 9, t1: "b@example.org"}, {kind: 6, seq: 2, t4: "3"},
		{kind: 1, seq: 8, t1: "a@example.org"}, {kind: 6, seq: -5, t4: "2"}, {kind: 0, t4: "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := got.account
	if a.ID != "1" || len(a.Emails) != 2 || a.Emails[0].Address != "a@example.org" || a.Emails[1].Address != "b@example.org" || len(a.Authenticators) != 1 {
		t.Errorf("%+v", a)
	}
	if len(got.others) != 2 || got.others[0].Account != "2" || got.others[1].Account != "3" {
		t.Errorf("claimants %+v", got.others)
	}
	if _, err := assemble([]part{{kind: 1, t1: "a@example.org"}}); err == nil {
		t.Error("a part without its account is one")
	}
}
