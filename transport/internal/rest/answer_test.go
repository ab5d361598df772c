package rest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// TestShapes writes down the bodies of the contract, byte by byte: clients are written
// against them.
func TestShapes(t *testing.T) {
	user := userData{ID: "7", Email: "ada@example.com", Username: "ada", Display: "ada"}
	way := "reauthenticate"
	entered := &enteredBody{Access: "a", Type: "Bearer", ExpiresIn: 3600, User: user}
	waiting := &waitingBody{Flow: "mfa_authenticate", Pending: true, FlowToken: "f", MFAToken: "f"}
	shown := user
	shown.Profile = state.Profile{GivenName: "Ada", Picture: "https://example.org/a"}
	const person = `"user":{"id":7,"email":"ada@example.com","username":"ada","display":"ada"}`
	for want, body := range map[string]any{
		`{"access_token":"a","token_type":"Bearer","expires_in":3600,` + person + `}`: entered,
		`{` + person + `}`: userBody{user},
		`{` + strings.TrimSuffix(person, "}") + `,"given_name":"Ada","picture":"https://example.org/a"}}`: userBody{shown},
		`{"flow":"mfa_authenticate","pending":true,"flow_token":"f","mfa_token":"f"}`:                     waiting,
		`{"flow":null,"pending":false,"flows":[{"id":"login"}]}`:                                          strangerBody{Flows: []flowData{{"login"}}},
		`{"verification_sent":true,"flow":"verify_email","pending":true,"flow_token":"f"}`:                sentBody{true, &waitingBody{Flow: "verify_email", Pending: true, FlowToken: "f"}},
		`{"verified":true}`: verifiedBody{Verified: true},
		`{"verified":true,"access_token":"a","token_type":"Bearer","expires_in":3600,` + person + `}`: verifiedBody{Verified: true, enteredBody: entered},
		`{"password_set":true}`: setBody{Set: true},
		`{"reset_sent":true}`:   resetBody{Sent: true},
		`{"flow":"reauthenticate","pending":true,"flows":[{"id":"reauthenticate"}]}`: proveBody{&way, true, []contract.Way{{ID: way}}},
		`{"flow":null,"pending":false,"flows":[]}`:                                   proveBody{Flows: []contract.Way{}},
	} {
		got, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%T is %s, want %s", body, got, want)
		}
	}
}

// TestWriteProblem writes problems down: messages by field, and what the headers say.
func TestWriteProblem(t *testing.T) {
	write := func(p *wire.Problem) (*httptest.ResponseRecorder, errorsBody) {
		w := httptest.NewRecorder()
		WriteProblem(w, httptest.NewRequest("POST", "/", nil), p)
		var body errorsBody
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		return w, body
	}
	w, body := write(wire.Invalid(
		wire.FieldError{Param: "email", Code: "required"}, wire.FieldError{Code: "invalid_login"},
		wire.FieldError{Param: "password", Code: "password_too_short"}, wire.FieldError{Param: "password", Code: "password_too_common"},
	))
	want := map[string][]string{
		"email": {"required"}, "__all__": {"invalid_login"}, "password": {"password_too_short", "password_too_common"},
	}
	if diff := cmp.Diff(want, body.Codes); w.Code != 400 || diff != "" {
		t.Errorf("%d %s", w.Code, diff)
	}
	for field, codes := range want {
		for i, code := range codes {
			if text := body.Errors[field][i]; text != wire.Message(code, field, 0) && text != wire.Message(code, "", 0) {
				t.Errorf("%s:%s says %q", field, code, text)
			}
		}
	}
	if body.Cause != nil {
		t.Errorf("causes nobody gave: %v", body.Cause)
	}
	if _, body = write(wire.Invalid(wire.FieldError{Param: "code", Code: "invalid", Cause: "token_refused"})); body.Cause["code"] != "token_refused" {
		t.Errorf("the cause is not told: %v", body)
	}
	w, body = write(wire.TooManyRequests(90 * time.Second))
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "90" || len(body.Errors["__all__"]) != 1 {
		t.Errorf("%d %v %v", w.Code, w.Header(), body)
	}
	if w, body = write(wire.BadRequest(wire.CodeTooLarge, nil)); w.Code != http.StatusRequestEntityTooLarge || body.Codes["__all__"][0] != wire.CodeTooLarge {
		t.Errorf("%d %v", w.Code, body)
	}
	w, _ = write(wire.MethodNotAllowed("GET", "HEAD"))
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// TestSchemas holds the schemas of answers against the answers: what is written is
// described, and what is required is written.
func TestSchemas(t *testing.T) {
	for _, body := range []any{
		userBody{}, enteredBody{}, waitingBody{}, strangerBody{}, sentBody{}, verifiedBody{waitingBody: &waitingBody{}}, setBody{enteredBody: &enteredBody{}},
		sessionBody{Methods: []contract.Method{{}}}, secretBody{}, addedBody{}, authenticatorsBody{}, providersBody{}, redirectBody{}, refreshBody{}, actBody{},
		errorsBody{}, proveBody{}, changedBody{}, endedBody{}, creationBody{},
	} {
		types := openapi.Types{Either: []reflect.Type{reflect.TypeFor[state.AccountID]()}}
		s := types.Of(reflect.TypeOf(body), "")
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		var written map[string]any
		if err := json.Unmarshal(text, &written); err != nil {
			t.Fatal(err)
		}
		for name := range written {
			if _, described := s.Properties.Get(name); !described {
				t.Errorf("%T: %s is not described", body, name)
			}
		}
		for _, name := range s.Required {
			if _, is := written[name]; !is {
				t.Errorf("%T: %s is required and not written", body, name)
			}
		}
	}
}

// TestPicture draws a code that grows no larger than its frame, and refuses what is no
// secret's address.
func TestPicture(t *testing.T) {
	if _, err := picture("https://example.com/" + string(rune(0x7f))); err == nil {
		t.Error("drawn: what is no address")
	}
	text, err := picture("otpauth://totp/stagedoor:ada@example.com?secret=GEZDGNBVGY3TQOJQ&issuer=stagedoor")
	if err != nil || len(text) < 300 || len(text) > 20000 {
		t.Errorf("%d characters, %v", len(text), err)
	}
}
