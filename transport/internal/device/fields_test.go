package device

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestOffers(t *testing.T) {
	for text, want := range map[string][]Offer{
		`(ES256 RS256);path="/dbsc/register";challenge="C1";authorization="A"`: {{[]string{"ES256", "RS256"}, "/dbsc/register", "C1", "A"}},
		`("ES256"); path="/a" , (RS256);path="/b\"";challenge="c"`:             {{[]string{"ES256"}, "/a", "", ""}, {[]string{"RS256"}, `/b"`, "c", ""}},
		`ES256;path="/a"`:       nil,
		`();path="/a"`:          nil,
		`(ES256;path="/a"`:      nil,
		`(ES256);path="/a`:      nil,
		`(ES256);path="/a" x`:   nil,
		`(ES256);path="/a",`:    nil,
		`(ES256);path="/` + "ä": nil,
		`(ES256);path="\a"`:     nil,
		`(ES256);;path=x`:       nil,
		``:                      nil,
	} {
		if got := Offers(http.Header{"Secure-Session-Registration": {text}}); !cmp.Equal(got, want) {
			t.Errorf("%s: %+v", text, got)
		}
	}
	two := http.Header{"Secure-Session-Registration": {`(ES256);path="/a"`, `(ES256);path="/b"`}}
	if got := Offers(two); len(got) != 2 || got[1].Path != "/b" {
		t.Errorf("two lines: %+v", got)
	}
}

func TestChallenges(t *testing.T) {
	got := Challenges(http.Header{"Secure-Session-Challenge": {`"C1";id="a", "C2";id="b"`, `tok;id=c`, `(x);id="d"`}})
	if want := map[string]string{"a": "C1", "b": "C2", "c": "tok"}; !cmp.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// However values are written, they are read back.
func TestFieldsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quote := func(s string) string {
			out := `"`
			for _, r := range s {
				if r == '"' || r == '\\' {
					out += `\`
				}
				out += string(r)
			}
			return out + `"`
		}
		id, challenge := rapid.StringMatching(`[ -~]{0,12}`).Draw(t, "id"), rapid.StringMatching(`[ -~]{1,12}`).Draw(t, "challenge")
		space := rapid.StringMatching(` ?`).Draw(t, "space")
		header := http.Header{"Secure-Session-Challenge": {quote(challenge) + ";" + space + "id=" + quote(id) + space + "," + space + "x;id=other"}}
		if got := Challenges(header); got[id] != challenge && id != "other" {
			t.Fatalf("%q: %v", header, got)
		}
	})
}

// FuzzFields: whatever a server sends is read without a fault, and a field that was read has a
// word or is a list.
func FuzzFields(f *testing.F) {
	f.Add(`(ES256);path="/a";challenge="b", "x";id="y"`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, one := range fieldsOf(http.Header{"X": {text}}, "X") {
			if !one.inner && len(one.words) != 1 {
				t.Fatalf("%q: %+v", text, one)
			}
		}
	})
}
