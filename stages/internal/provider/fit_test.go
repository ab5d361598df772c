package provider

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// What is kept of an assertion has room, says nothing that the provider did not say, and
// names the same person.
func TestFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Map(rapid.SampledFrom([]string{"<", "&", `"`, `\`, "a", "é", "\u2028", "漢", "🦊"}), func(s string) string {
			return strings.Repeat(s, rapid.IntRange(0, MaxText).Draw(t, "times"))
		})
		a := Assertion{
			Provider: "mock", UID: rapid.StringMatching(`["\\<a]{1,255}`).Draw(t, "uid"), Username: text.Draw(t, "username"),
			Name: text.Draw(t, "name"), GivenName: text.Draw(t, "given"), FamilyName: text.Draw(t, "family"),
			Phone: text.Draw(t, "phone"), PhoneVerified: true, Extra: json.RawMessage(`{"sub": "x"}`),
			Picture: rapid.StringMatching(`https://example\.org/[a&]{0,800}`).Draw(t, "picture"),
		}
		for range rapid.IntRange(0, MaxEmails).Draw(t, "emails") {
			a.Emails = append(a.Emails, Email{Address: rapid.StringMatching(`[a&]{1,240}@example\.org`).Draw(t, "address"), Verified: true})
		}
		const most = 1500
		got := a.Fit(most)
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(got); err != nil || b.Len()-1 > most {
			t.Fatalf("it takes %d bytes, %v", b.Len()-1, err)
		}
		if got.UID != a.UID || got.Provider != a.Provider || got.Extra != nil || len(a.Emails) > 0 && len(got.Emails) == 0 {
			t.Fatalf("got %+v of %+v", got, a)
		}
		for i, x := range got.Emails {
			if x != a.Emails[i] {
				t.Fatalf("address %d is %+v, want %+v", i, x, a.Emails[i])
			}
		}
		for said, kept := range map[string]string{a.Username: got.Username, a.Name: got.Name, a.GivenName: got.GivenName, a.FamilyName: got.FamilyName} {
			if !strings.HasPrefix(said, kept) || !utf8.ValidString(kept) {
				t.Fatalf("%q became %q", said, kept)
			}
		}
		if got.Picture != "" && got.Picture != a.Picture {
			t.Fatalf("half a picture: %q", got.Picture)
		}
		if got.Phone != "" && got.Phone != a.Phone || got.PhoneVerified && got.Phone == "" {
			t.Fatalf("the number %q became %q", a.Phone, got.Phone)
		}
	})
}

// What is short is kept as it is.
func TestFitKeepsWhatFits(t *testing.T) {
	a := Assertion{
		Provider: "mock", UID: "1", Username: "ann", Name: "Ann <3", GivenName: "Ann", FamilyName: "Ö", Phone: "+4670000000", PhoneVerified: true,
		Picture: "https://example.org/a?b&c",
		Emails:  []Email{{Address: "ann@example.org", Verified: true, Primary: true}, {Address: "b@example.org"}},
	}
	want, _ := json.Marshal(a)
	if got, _ := json.Marshal(a.Fit(600)); !bytes.Equal(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
