package headless

import (
	"net/http/httptest"
	"strings"
	"testing"

	"stagedoor/transport/internal/wire"
)

// TestCausesAreTold: an entry of the errors has a cause where there is one, and only there.
func TestCausesAreTold(t *testing.T) {
	w := httptest.NewRecorder()
	WriteProblem(w, nil, wire.Invalid(
		wire.FieldError{Param: "token", Code: "invalid_token", Cause: "token_refused"}, wire.FieldError{Param: "process", Code: "required"},
	))
	got := w.Body.String()
	if !strings.Contains(got, `"code":"invalid_token","param":"token","cause":"token_refused"}`) || strings.Count(got, "cause") != 1 {
		t.Errorf("got %s", got)
	}
}
