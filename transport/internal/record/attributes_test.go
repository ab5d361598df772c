package record

import (
	"maps"
	"testing"

	"stagedoor/state"
)

// TestNamesOfPeopleAreNotRecorded: what a provider calls somebody is no word of a story, plain
// as it is.
func TestNamesOfPeopleAreNotRecorded(t *testing.T) {
	a := &state.Account{Attributes: (state.Profile{Name: "ann", GivenName: "ann", FamilyName: "lee", Picture: "https"}).Attributes()}
	a.Attributes["acme.terms"] = "read"
	if got := attributesOf(a); !maps.Equal(got, map[string]string{"acme.terms": "read"}) {
		t.Errorf("kept: %v", got)
	}
}
