package state

import (
	"strings"
	"testing"
)

func TestContactRules(t *testing.T) {
	cases, err := CheckContactRules()
	if err != nil {
		t.Error(err)
	}
	if cases < 10_000 {
		t.Errorf("%d cases are too few to be all", cases)
	}
}

// TestBrokenPromises: each promise is one that can be broken.
func TestBrokenPromises(t *testing.T) {
	planted := Account{
		PasswordHash: "hash", Phone: "+1", Emails: []Email{{Address: "x", Primary: true}, {Address: "y"}},
		Authenticators: []Authenticator{{ID: 1, Type: TOTP}}, Providers: []ProviderAccount{{Provider: "p"}},
	}
	proved := planted.Clone()
	for i := range proved.Emails {
		proved.Emails[i].Endorsement = OfSignup
	}
	proved.Authenticators[0].Endorsement, proved.Providers[0].Endorsement = OfSignup, OfSignup
	ProveContact{Email: "y", Own: true}.Apply(proved)
	other := ProveContact{Email: "x"}
	recovery := ProveContact{Email: "x", Recovers: true}
	for _, c := range []struct {
		want  string
		start *Account
		write ProveContact
		spoil func(*Account)
	}{
		{"is not proved", &planted, other, func(a *Account) { a.Emails[0].Verified = false }},
		{"proved address is lost", proved, other, func(a *Account) { a.Emails = a.Emails[:1] }},
		{"outlives a first proof", &planted, other, func(a *Account) { a.PasswordHash = "hash" }},
		{"outlives a first proof", &planted, other, func(a *Account) { a.Epoch-- }},
		{"ends without need", proved, other, func(a *Account) { a.PasswordHash = "" }},
		{"second factors", &planted, other, func(a *Account) { a.Authenticators = planted.Authenticators }},
		{"second factors", proved, recovery, func(a *Account) { a.Authenticators = nil }},
		{"third-party accounts", &planted, other, func(a *Account) { a.Providers = planted.Providers }},
		{"third-party accounts", proved, recovery, func(a *Account) { a.Providers = nil }},
		{"an address is left", &planted, other, func(a *Account) { a.Emails = append(a.Emails, Email{Address: "y"}) }},
		{"a number is left", &planted, other, func(a *Account) { a.Phone = "+1" }},
		{"was named since", &planted, ProveContact{Email: "x", Own: true}, func(a *Account) { a.Emails = append(a.Emails, Email{Address: "y"}) }},
		{"a number ends", &planted, ProveContact{Email: "x", Own: true}, func(a *Account) { a.Phone = "" }},
		{"a number is left", proved, recovery, func(a *Account) { a.Phone = "+1" }},
		{"an address ends", proved, ProveContact{Phone: "+1"}, func(a *Account) { a.Emails = a.Emails[1:] }},
	} {
		after := c.start.Clone()
		c.write.Apply(after)
		if got := brokenPromise(c.start, after, c.write); got != "" {
			t.Fatalf("%+v: %s", c.write, got)
		}
		c.spoil(after)
		if got := brokenPromise(c.start, after, c.write); !strings.Contains(got, c.want) {
			t.Errorf("spoiled, it is said %q, want %q", got, c.want)
		}
	}
}
