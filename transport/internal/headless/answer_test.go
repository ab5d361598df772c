package headless

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// TestCausesAreTold: an entry of the errors has a cause where that says more than its code, and
// only there: clients of django-allauth know none.
func TestCausesAreTold(t *testing.T) {
	w := httptest.NewRecorder()
	WriteProblem(w, nil, wire.Invalid(
		wire.FieldError{Param: "token", Code: "invalid_token", Cause: "not_configured"},
		wire.FieldError{Param: "token", Code: "invalid_token", Cause: "token_refused"}, wire.FieldError{Param: "process", Code: "required"},
	))
	got := w.Body.String()
	if !strings.Contains(got, `"code":"invalid_token","param":"token","cause":"not_configured"}`) || strings.Count(got, "cause") != 1 {
		t.Errorf("got %s", got)
	}
}

// TestExtended: what django-allauth's answers do not have is in those of an extended contract alone.
func TestExtended(t *testing.T) {
	key := authenticatorData{Type: state.WebAuthn, ID: 7, CredentialID: "AQ", RPID: "localhost", UserHandle: "Ag"}
	for _, extended := range []bool{false, true} {
		c := &call{API: &API{Config: Config{Extended: extended}}}
		raw, err := json.Marshal([]any{c.seen(key), c.shown(optional{}), c.shown("as it is")})
		if err != nil {
			t.Fatal(err)
		}
		want := `[{"id":7,"type":"webauthn","created_at":0,"last_used_at":null},{"bare":true},"as it is"]`
		if extended {
			want = `[{"id":7,"credential_id":"AQ","rp_id":"localhost","user_handle":"Ag","type":"webauthn","created_at":0,"last_used_at":null},{},"as it is"]`
		}
		if string(raw) != want {
			t.Errorf("extended %v:\n%s, want\n%s", extended, raw, want)
		}
	}
}

// optional are options of which some members may be left out.
type optional struct {
	IsBare bool `json:"bare,omitempty"`
}

// Bare leaves them out.
func (optional) Bare() any { return optional{true} }
