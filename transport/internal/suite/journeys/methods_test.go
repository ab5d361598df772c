package journeys

import (
	"net/http"
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestMethodsThatNoPathHas: what is there refuses a method that it does not have, with those
// that it has, and what is not there is not found whatever the method.
func TestMethodsThatNoPathHas(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, suite.JWT)
	const is, isNot = http.StatusMethodNotAllowed, http.StatusNotFound
	for _, c := range []struct {
		path string
		want int
		has  string
	}{
		{"/_allauth/app/v1/config", is, "GET"},
		{"/_allauth/browser/v1/auth/login", is, "POST"},
		{"/_allauth/app/v1/auth/stages/verify_email/resend", is, "POST"},
		{"/_allauth/openapi.json", is, "GET"},
		{"/_allauth/openapi-3.1.yaml", is, "GET"},
		{"/auth/login/", is, "POST"},
		{"/auth/config", is, "GET"},
		{"/auth/openapi.html", is, "GET"},
		{"/healthz", is, "GET"},
		{"/.well-known/jwks.json", is, "GET"},
		{"/accounts/dummy/login/callback/", is, "GET"},
		{"/_allauth/app/v1/nothing", isNot, ""},
		{"/_allauth/openapi.txt", isNot, ""},
		{"/auth/nothing/", isNot, ""},
	} {
		for _, method := range []string{http.MethodTrace, "PROPFIND"} {
			req, err := http.NewRequestWithContext(t.Context(), method, l.URL+c.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = got.Body.Close()
			if got.StatusCode != c.want || !strings.Contains(got.Header.Get("Allow"), c.has) {
				t.Errorf("%s %s: %d, Allow %q", method, c.path, got.StatusCode, got.Header.Get("Allow"))
			}
		}
	}
}
