package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// meaning is what a kind makes of a profile.
func meaning(t testing.TB, kind, profile string) (Assertion, error) {
	t.Helper()
	k, _ := kindOf(kind)
	o, err := parse([]byte(profile))
	if err != nil {
		return Assertion{}, err
	}
	o, ok := o.under(k.Root)
	if !ok {
		return Assertion{}, ErrRefused
	}
	return (&Provider{id: kind, kind: k}).assertion(o, k.Map, nil, o)
}

func TestUIDs(t *testing.T) {
	for value, want := range map[string]string{
		`"abc"`: "abc", `"ABC"`: "ABC", `123`: "123", `"123"`: "123", `0`: "0", `" a "`: " a ", `"ü"`: "ü",
		`123456789012345678901234567890`:          "123456789012345678901234567890",
		`"` + strings.Repeat("x", MaxUID) + `"`:   strings.Repeat("x", MaxUID),
		`"` + strings.Repeat("x", MaxUID+1) + `"`: "",
		`"` + strings.Repeat("ü", 128) + `"`:      "",
		strings.Repeat("9", 40):                   "",
		`""`:                                      "",
		`" "`:                                     "",
		`"\u00a0"`:                                "",
		`"a\u0000"`:                               "",
		`"a\n"`:                                   "",
		`"\ud800"`:                                "",
		`null`:                                    "",
		`true`:                                    "",
		`false`:                                   "",
		`[]`:                                      "",
		`["a"]`:                                   "",
		`{}`:                                      "",
		`1.5`:                                     "",
		`1.0`:                                     "",
		`1e3`:                                     "",
		`-1`:                                      "",
	} {
		a, err := meaning(t, "github", `{"id": `+value+`}`)
		if a.UID != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%.50s: %q, %v", value, a.UID, err)
		}
	}
	if _, err := meaning(t, "github", `{"ID": 1, "login": "x"}`); err == nil {
		t.Error("ID is not id")
	}
}

func TestUIDOfTwoParts(t *testing.T) {
	for profile, want := range map[string]string{
		`{"https://slack.com/team_id": "T1", "https://slack.com/user_id": "U1"}`:  "T1_U1",
		`{"https://slack.com/team_id": "T1_U", "https://slack.com/user_id": "1"}`: "",
		`{"https://slack.com/team_id": "T1"}`:                                     "",
		`{"https://slack.com/user_id": "U1"}`:                                     "",
		`{"https://slack.com/team_id": "", "https://slack.com/user_id": "U1"}`:    "",
	} {
		if a, err := meaning(t, "slack", profile); a.UID != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", profile, a.UID, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"a@example.com": "a@example.com", "A.B+c@Example.COM": "a.b+c@example.com", " a@example.com ": "a@example.com",
		"a@localhost": "a@localhost", "o'neill@example.com": "o'neill@example.com",
		"a@xn--bcher-kva.example": "a@xn--bcher-kva.example",
		"":                        "", "a": "", "@": "", "a@": "", "@example.com": "", "a@b@c.com": "", "a b@example.com": "",
		"a@example": "", "a@example..com": "", ".a@example.com": "", "a.@example.com": "", "a..b@example.com": "",
		"a@exam\nple.com": "", "a@example.com\x00": "", "Name <a@example.com>": "", "a@example.com,b@example.com": "",
		// The Kelvin sign and the dotless i look like somebody else's letters, or fold onto them.
		"\u212alaus@example.com": "", "m\u0131ke@example.com": "", "a@ex\u0430mple.com": "", "\uff41@example.com": "",
		strings.Repeat("a", 243) + "@example.com": "",
		strings.Repeat("a", 242) + "@example.com": strings.Repeat("a", 242) + "@example.com",
	} {
		if got, ok := cleanAddress(in); ok != (want != "") || ok && got != want {
			t.Errorf("%.40q: %.40q, %v", in, got, ok)
		}
	}
}

func TestVerifiedIsWhatTheProviderSays(t *testing.T) {
	for _, c := range []struct {
		kind, profile string
		want          bool
	}{
		{"discord", `{"id": "1", "email": "a@example.com", "verified": true}`, true},
		{"discord", `{"id": "1", "email": "a@example.com", "verified": "true"}`, false},
		{"discord", `{"id": "1", "email": "a@example.com", "verified": 1}`, false},
		{"discord", `{"id": "1", "email": "a@example.com"}`, false},
		{"openid_connect", `{"sub": "1", "email": "a@example.com", "email_verified": "true"}`, true},
		{"openid_connect", `{"sub": "1", "email": "a@example.com", "email_verified": "True"}`, true},
		{"openid_connect", `{"sub": "1", "email": "a@example.com", "email_verified": "yes"}`, false},
		{"openid_connect", `{"sub": "1", "email": "a@example.com", "email_verified": " true"}`, false},
		{"openid_connect", `{"sub": "1", "email": "a@example.com", "email_verified": "1"}`, false},
		{"openid_connect", `{"sub": "1", "email": "a@example.com", "email_verified": 1}`, false},
		{"openid_connect", `{"sub": "1", "email": "a@example.com", "email_verified": null}`, false},
		{"openid_connect", `{"sub": "1", "email": "a@example.com"}`, false},
		{"openid_connect", `{"sub": "1", "email": "a@example.com", "email_verified": "false"}`, false},
		{"openid_connect", `{"sub": "1", "email": "a@example.com", "email_verified": {}}`, false},
		{"zoom", `{"id": "1", "email": "a@example.com", "verified": 1}`, true},
		{"zoom", `{"id": "1", "email": "a@example.com", "verified": 0}`, false},
		{"zoom", `{"id": "1", "email": "a@example.com", "verified": 10}`, false},
		{"kakao", `{"id": 1, "kakao_account": {"email": "a@example.com", "is_email_valid": true, "is_email_verified": true}}`, true},
		{"kakao", `{"id": 1, "kakao_account": {"email": "a@example.com", "is_email_valid": false, "is_email_verified": true}}`, false},
		{"kakao", `{"id": 1, "kakao_account": {"email": "a@example.com", "is_email_verified": true}}`, false},
		{"spotify", `{"id": "1", "email": "a@example.com", "email_verified": true}`, false},
		{"facebook", `{"id": "1", "email": "a@example.com", "verified": true}`, false},
		{"microsoft", `{"id": "1", "mail": "a@example.com", "email_verified": true}`, false},
	} {
		a, err := meaning(t, c.kind, c.profile)
		if err != nil || len(a.Emails) != 1 || a.Emails[0].Verified != c.want || !a.Emails[0].Primary {
			t.Errorf("%s %s: %+v, %v", c.kind, c.profile, a.Emails, err)
		}
	}
}

func TestVerifiedEmailTrustsAll(t *testing.T) {
	p := &Provider{id: "x", verifiedEmail: true}
	got := p.addresses([]Email{{Address: "b@example.com"}, {Address: "A@example.com", Primary: true}, {Address: "nonsense"}})
	want := []Email{{"a@example.com", true, true}, {"b@example.com", true, false}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAddressesOnceAndFew(t *testing.T) {
	p := &Provider{id: "x"}
	in := []Email{{Address: "a@example.com"}, {Address: "A@example.com", Verified: true}}
	for i := range 30 {
		in = append(in, Email{Address: fmt.Sprintf("n%d@example.com", i)})
	}
	in = append(in, Email{Address: "p@example.com", Primary: true, Verified: true}, Email{Address: "q@example.com", Primary: true})
	got := p.addresses(in)
	if len(got) != MaxEmails || got[0] != (Email{"p@example.com", true, true}) || got[1].Primary {
		t.Errorf("got %+v", got)
	}
	for _, e := range got {
		if e.Address == "a@example.com" && e.Verified {
			t.Error("what was said first of an address does not count")
		}
	}
	if got := p.addresses(nil); got != nil {
		t.Errorf("of none: %v", got)
	}
}

func TestTexts(t *testing.T) {
	a, err := meaning(t, "github", `{"id": 1, "login": "  a\u0000b\n ", "name": "`+strings.Repeat("ü", 200)+`", "email": 5}`)
	if err != nil || a.Username != "ab" || utf8.RuneCountInString(a.Name) != MaxText || a.Emails != nil {
		t.Errorf("got %+v, %v", a, err)
	}
	a, err = meaning(t, "github", `{"id": 1, "login": ["a"], "name": {"a": 1}, "email": null}`)
	if err != nil || a.Username != "" || a.Name != "" {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestNoPhoneIsNotVerified(t *testing.T) {
	for profile, want := range map[string]bool{
		`{"sub": "1", "phone_number_verified": true}`:                             false,
		`{"sub": "1", "phone_number": " ", "phone_number_verified": true}`:        false,
		`{"sub": "1", "phone_number": "+49301", "phone_number_verified": true}`:   true,
		`{"sub": "1", "phone_number": ["+49301"], "phone_number_verified": true}`: false,
		`{"sub": "1", "phone_number": "+49301", "phone_number_verified": "yes"}`:  false,
	} {
		if a, err := meaning(t, "openid_connect", profile); err != nil || a.PhoneVerified != want {
			t.Errorf("%s: %+v, %v", profile, a, err)
		}
	}
}

func TestExtraIsBounded(t *testing.T) {
	a, err := meaning(t, "github", `{"id": 1, "big": 12345678901234567890, "x": "y"}`)
	if err != nil || string(a.Extra) != `{"big":12345678901234567890,"id":1,"x":"y"}` {
		t.Errorf("got %s, %v", a.Extra, err)
	}
	a, err = meaning(t, "github", `{"id": 1, "x": "`+strings.Repeat("y", MaxExtra)+`"}`)
	if err != nil || a.Extra != nil || a.UID != "1" {
		t.Errorf("got %d bytes, %v", len(a.Extra), err)
	}
}

func TestAssertionSurvivesJSON(t *testing.T) {
	a, err := meaning(t, "dummy", `{"id": 1, "email": "a@example.com", "phone": "+49301", "phone_verified": true, "username": "u"}`)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back Assertion
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, back); d != "" {
		t.Error(d)
	}
}

func TestObjectPaths(t *testing.T) {
	o, err := parse([]byte(`{"a": {"b": [{"c": 1}, "d"]}, "x.y": "dotted", "x": {"y": "nested"}, "": "nameless", "n": null}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{
		"a.b.0.c": json.Number("1"), "a.b.1": "d", "x.y": "dotted", "": nil, "n": nil, "n.m": nil,
		"a.b.2": nil, "a.b.-1": nil, "a.b.x": nil, "a.b.0.c.d": nil, "nobody": nil, "a..b": nil,
	} {
		if got := o.at(path); got != want {
			t.Errorf("%q: %v, want %v", path, got, want)
		}
	}
	if o.word("a.b.0.c") != "1" || o.word("a.b.1") != "d" || o.word("a") != "" {
		t.Error("words")
	}
	if object(nil).at("a.b") != nil {
		t.Error("of nothing")
	}
}
