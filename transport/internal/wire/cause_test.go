package wire

import (
	"strings"
	"testing"
)

// TestMessageOfACause: a 503 that is no fault of this server does not say that it is busy.
func TestMessageOfACause(t *testing.T) {
	for cause, want := range map[string]string{
		"": "The server is busy", "provider_unavailable": "cannot be reached", "not_configured": "do not agree", "token_refused": "The server is busy",
	} {
		if got := (&Problem{}).Message(FieldError{Code: CodeUnavailable, Cause: cause}); !strings.Contains(got, want) {
			t.Errorf("%q: %s", cause, got)
		}
	}
	if got := (&Problem{}).Message(FieldError{Code: "invalid_token", Cause: "not_configured"}); got != Message("invalid_token", "", 0) {
		t.Errorf("of another code: %s", got)
	}
}
