package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
)

// contractCodes are all error codes of the contracts, by the params they come with.
var contractCodes = []string{
	"account_inactive", "account_not_found", "add_email_blocked", "cannot_delete_authenticator", "cannot_generate_recovery_codes",
	"cannot_remove_last_passkey", "cannot_remove_primary_email", "client_id_mismatch", "client_id_required", "connected_other", "disconnect_last", "duplicate_email",
	"email_password_mismatch", "email_taken", "enter_current_password", "incorrect_code", "incorrect_password", "invalid", "invalid_choice",
	"invalid_list", "invalid_login", "invalid_or_expired_key", "invalid_password_reset", "invalid_phone", "invalid_pk_value", "invalid_token",
	"invalid_url", "max_email_addresses", "max_length", "min_length", "no_password", "no_verified_email", "null_characters_not_allowed",
	"password_entirely_numeric", "password_too_common", "password_too_short", "password_too_similar", "phone_password_mismatch", "phone_taken",
	"rate_limited", "required", "same_as_current", "select_only_one", "token_authentication_not_supported", "token_required",
	"too_many_login_attempts", "unknown_email", "unknown_phone", "unknown_provider", "unverified_email", "unverified_primary_email",
	"username_blacklisted", "username_password_mismatch", "username_taken",
	CodeMalformed, CodeTooLarge, CodeEncoding, CodeUnreadable, CodeUnauthorized, CodeForbidden, CodeCSRF, CodeNotFound, CodeMethodNotAllowed,
	CodeConflict, CodeGone, CodeUnavailable, CodeInternal,
}

// TestMessages: every code has a text of its own, in whole sentences.
func TestMessages(t *testing.T) {
	unknown := Message("no_such_code", "", 0)
	seen := map[string]string{unknown: "no_such_code"}
	for _, code := range contractCodes {
		text := Message(code, "", 0)
		if other, ok := seen[text]; ok {
			t.Errorf("%s and %s have one text: %s", code, other, text)
		}
		seen[text] = code
		checkSentence(t, code, text)
	}
	for _, code := range []string{"required", "invalid"} {
		for _, param := range []string{"email", "username", "phone", "password", "current_password", "new_password", "code", "credential", "key"} {
			checkSentence(t, code+" "+param, Message(code, param, 0))
		}
	}
	for _, param := range []string{"email", "password", "nobodys_field", ""} {
		checkSentence(t, "required "+param, Message("required", param, 0))
	}
	checkSentence(t, "unknown", unknown)
}

// TestMessagesStandAlone: a text is understood where the field's name is not beside it, and
// says the number that was not kept.
func TestMessagesStandAlone(t *testing.T) {
	for _, c := range []struct {
		code, param string
		limit       int
		want        string
	}{
		{"password_too_short", "new_password", 12, "The password is too short. Use at least 12 characters."},
		{"password_too_short", "password", 0, "The password is too short. Use more characters than these."},
		{"min_length", "username", 1, "The username is too short. Use at least 1 character."},
		{"max_length", "name", 100, "The name is too long. Use at most 100 characters."},
		{"max_length", "nickname", 0, "The value of nickname is too long. Use fewer characters."},
		{"required", "sessions", 0, "The value of sessions is required."},
		{"required", "", 0, "The value is required."},
		{"invalid", "primary", 0, "The value of primary is not valid."},
		{"invalid_choice", "process", 0, "The value of process is not one of the possible choices."},
		{"null_characters_not_allowed", "email", 0, "The e-mail address contains a character that is not allowed."},
		{"same_as_current", "phone", 0, "The phone number is the one that is set already. Enter another one."},
	} {
		if got := Message(c.code, c.param, c.limit); got != c.want {
			t.Errorf("%s %s %d: %q, want %q", c.code, c.param, c.limit, got, c.want)
		}
	}
	values, errs, err := Decode([]byte(`{"name":"abc","email":"`+strings.Repeat("a", 300)+`@example.com"}`), []Field{
		{Name: "name", MinLength: 4}, {Name: "email", Type: Email},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := Invalid(errs...)
	p.Limit = values.Limit
	var got []string
	for _, e := range p.Errors {
		got = append(got, p.Message(e))
	}
	if text := strings.Join(got, " "); text != "The name is too short. Use at least 4 characters. The e-mail address is too long. Use at most 254 characters." {
		t.Error(text)
	}
}

func checkSentence(t *testing.T, code, text string) {
	t.Helper()
	if text == "" || !unicode.IsUpper([]rune(text)[0]) || text[len(text)-1] != '.' || strings.Contains(text, "%") || len(text) > 120 {
		t.Errorf("%s: %q is not a short sentence", code, text)
	}
}

func TestProblems(t *testing.T) {
	cause := errors.New("disk full")
	for _, tt := range []struct {
		p      *Problem
		status int
		code   string
	}{
		{Invalid(FieldError{Param: "email", Code: "invalid"}), 400, CodeInvalid},
		{BadRequest(CodeMalformed, cause), 400, CodeMalformed},
		{Unauthorized(), 401, CodeUnauthorized},
		{Forbidden(CodeCSRF, cause), 403, CodeCSRF},
		{NotFound(), 404, CodeNotFound},
		{MethodNotAllowed("GET"), 405, CodeMethodNotAllowed},
		{Conflict(), 409, CodeConflict},
		{Gone(), 410, CodeGone},
		{TooManyRequests(time.Minute), 429, CodeRateLimited},
		{Internal(cause), 500, CodeInternal},
		{Unavailable(time.Second, cause), 503, CodeUnavailable},
	} {
		if tt.p.Status != tt.status || tt.p.Code != tt.code || http.StatusText(tt.p.Status) == "" {
			t.Errorf("%v: want %d %s", tt.p, tt.status, tt.code)
		}
		if !strings.HasPrefix(tt.p.Error(), fmt.Sprintf("%d %s", tt.status, tt.code)) {
			t.Errorf("its text is %q", tt.p.Error())
		}
		if tt.p.Cause != nil && (!errors.Is(tt.p, cause) || !strings.HasSuffix(tt.p.Error(), ": disk full")) {
			t.Errorf("%v has lost its cause", tt.p)
		}
	}
	if got := Invalid(FieldError{Param: "email", Code: "invalid"}, FieldError{Param: "", Code: "invalid_login"}).Error(); got != "400 invalid email:invalid :invalid_login" {
		t.Errorf("%q", got)
	}
}

func TestProblemHeaders(t *testing.T) {
	for _, tt := range []struct {
		p           *Problem
		allow, wait string
	}{
		{MethodNotAllowed("GET", "DELETE"), "GET, DELETE", ""},
		{TooManyRequests(90 * time.Second), "", "90"},
		{TooManyRequests(1500 * time.Millisecond), "", "2"},
		{TooManyRequests(0), "", "1"},
		{TooManyRequests(-time.Hour), "", "1"},
		{Unavailable(time.Nanosecond, nil), "", "1"},
		{Invalid(), "", ""},
		{Internal(nil), "", ""},
	} {
		h := http.Header{}
		tt.p.SetHeader(h)
		if h.Get("Allow") != tt.allow || h.Get("Retry-After") != tt.wait {
			t.Errorf("%v: %v, want Allow %q and Retry-After %q", tt.p, h, tt.allow, tt.wait)
		}
	}
}

func TestAsProblem(t *testing.T) {
	if AsProblem(nil) != nil {
		t.Error("no error is no problem")
	}
	conflict := Conflict()
	if AsProblem(fmt.Errorf("turn: %w", conflict)) != conflict {
		t.Error("a wrapped problem is not found")
	}
	if p := AsProblem(io.EOF); p.Status != 500 || !errors.Is(p, io.EOF) {
		t.Errorf("an error nobody thought of is %v, want a 500", p)
	}
}
