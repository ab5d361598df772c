package state

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAccountFollowsItsProvider: what an account has of a provider it keeps, renews, and never
// takes over what somebody has changed here.
func TestAccountFollowsItsProvider(t *testing.T) {
	ann := Profile{Name: "Ann Lee", GivenName: "Ann", FamilyName: "Lee", Picture: "https://example.org/1"}
	wed := Profile{Name: "Ann Doe", GivenName: "Ann", FamilyName: "Doe", Picture: "https://example.org/2"}
	own := Profile{Name: "Queen Ann", Picture: "https://example.org/1"}
	for name, c := range map[string]struct{ has, was, is, want Profile }{
		"at first":                       {Profile{}, Profile{}, ann, ann},
		"as before":                      {ann, ann, ann, ann},
		"another name":                   {ann, ann, wed, wed},
		"names were changed here":        {own, ann, wed, Profile{Name: "Queen Ann", Picture: wed.Picture}},
		"it was all taken away here":     {Profile{}, ann, wed, Profile{}},
		"a second provider":              {ann, Profile{}, wed, ann},
		"a second provider, no picture":  {Profile{Name: "Ann"}, Profile{}, wed, Profile{Name: "Ann", Picture: wed.Picture}},
		"a second provider, no name yet": {Profile{Picture: "https://example.org/1"}, Profile{}, wed, Profile{Name: wed.Name, GivenName: "Ann", FamilyName: "Doe", Picture: "https://example.org/1"}},
	} {
		a := &Account{Attributes: c.has.Attributes()}
		for _, w := range a.Follow(c.was, c.is) {
			w.Apply(a)
		}
		if d := cmp.Diff(c.want, a.Profile()); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

// TestProfileIsRenewed: who says a name once, as Apple does, has not taken it back.
func TestProfileIsRenewed(t *testing.T) {
	old := Profile{Name: "Ann Lee", GivenName: "Ann", Picture: "https://example.org/1"}
	for _, c := range []struct{ said, want Profile }{
		{Profile{}, old},
		{Profile{Picture: "https://example.org/2"}, Profile{Name: "Ann Lee", GivenName: "Ann", Picture: "https://example.org/2"}},
		{Profile{FamilyName: "Doe"}, Profile{FamilyName: "Doe", Picture: "https://example.org/1"}},
	} {
		if got := old.Renewed(c.said); got != c.want {
			t.Errorf("%+v: %+v", c.said, got)
		}
	}
}

func TestProfileIsStored(t *testing.T) {
	for _, p := range []Profile{{}, {Name: `Zoë "Z" <Doe>`}, {GivenName: "a", FamilyName: "b", Picture: "https://example.org/?a&b"}} {
		if got := DecodeProfile(p.Encode()); got != p {
			t.Errorf("%+v became %+v", p, got)
		}
	}
	if got := DecodeProfile(`{"name":"x"`); got != (Profile{}) {
		t.Errorf("half a profile is %+v", got)
	}
	if got := (Profile{}).Attributes(); got != nil {
		t.Errorf("nothing is kept as %v", got)
	}
}
