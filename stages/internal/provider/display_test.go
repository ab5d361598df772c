package provider

import "testing"

// TestDisplay names an account by what tells it from others, and by the person's name only
// where there is nothing else.
func TestDisplay(t *testing.T) {
	for profile, want := range map[string]string{
		`{"username":"ada","email":"ada@x.org","name":"Ada"}`:              "ada",
		`{"login":"ada","name":"Ada"}`:                                     "ada",
		`{"username":"  ","email":"Ada@X.org","name":"Ada"}`:               "Ada@X.org",
		`{"preferred_username":"ada","email":"ada@x.org"}`:                 "ada@x.org",
		`{"preferred_username":"ada","name":"Ada"}`:                        "Ada",
		`{"preferred_username":"ada"}`:                                     "",
		`{"nickname":"Addie","given_name":"Ada","family_name":"Lovelace"}`: "Addie",
		`{"full_name":"Ada King","given_name":"Ada"}`:                      "Ada King",
		`{"given_name":"Ada","family_name":"Lovelace"}`:                    "Ada Lovelace",
		`{"surname":"Lovelace"}`:                                           "Lovelace",
		`{"name":{"first":"Ada"},"email":7}`:                               "",
		`{}`:                                                               "",
	} {
		said, err := parse([]byte(profile))
		if err != nil {
			t.Fatal(err)
		}
		a := (&Provider{id: "x"}).cleaned(Assertion{UID: "1", Username: said.text("preferred_username")}, said)
		if a.Display != want {
			t.Errorf("%s is shown as %q, want %q", profile, a.Display, want)
		}
	}
	for want, a := range map[string]Assertion{
		"ada":          {Username: "ada", Emails: primary("ada@x.org", true)},
		"ada@x.org":    {Emails: primary("ada@x.org", true), Name: "Ada"},
		"Ada":          {Name: "Ada", GivenName: "A."},
		"Ada Lovelace": {GivenName: "Ada", FamilyName: "Lovelace"},
		"":             {},
	} {
		if got := (&Provider{id: "x"}).cleaned(a, nil).Display; got != want {
			t.Errorf("%+v is shown as %q, want %q", a, got, want)
		}
	}
}
