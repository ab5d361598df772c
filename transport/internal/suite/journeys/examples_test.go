package journeys

import (
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestExamples: every body of every operation has an example that fits its schema, in both
// versions of both documents, however the server is set up.
func TestExamples(t *testing.T) {
	byName := func(c *config.Config, _ *server.Options) {
		c.Account.LoginMethods, c.Account.SignupFields = []string{"username", "email"}, []string{"username*", "email", "password1"}
		c.Account.EmailVerification = "optional"
	}
	byPhone := func(c *config.Config, o *server.Options) {
		c.Account.LoginMethods, c.Account.SignupFields = []string{"phone"}, []string{"phone*", "password1*"}
		c.Account.EmailVerification = "optional"
		o.SMS, c.SMS.Supplied = o.Mail, true
	}
	for name, change := range map[string][]suite.SetUp{
		"default": nil, "codes": {suite.ByCode, suite.Offers, suite.JWT}, "usernames": {byName}, "numbers": {byPhone},
		"outside": {suite.Dev, withTerms("name")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := suite.NewLab(t, change...)
			for _, path := range []string{"/_allauth/openapi.json", "/_allauth/openapi-3.1.json", "/auth/openapi.json", "/auth/openapi-3.1.json"} {
				bodies := 0
				for id, content := range contents(t, l.URL+path) {
					bodies++
					if media := content.Get("application/json"); media != nil && len(media.Examples) == 0 {
						t.Errorf("%s: %s has no example", path, id)
					}
				}
				if bodies < 150 {
					t.Errorf("%s has %d bodies", path, bodies)
				}
			}
		})
	}
}

// contents are the bodies of a document that is valid with its examples, by operation and
// status.
func contents(t *testing.T, url string) map[string]openapi3.Content {
	t.Helper()
	got, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(loader.Context); err != nil {
		t.Errorf("%s: %.1000v", url, err)
	}
	out := make(map[string]openapi3.Content)
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody != nil {
				out[op.OperationID+" request"] = op.RequestBody.Value.Content
			}
			for status, r := range op.Responses.Map() {
				out[op.OperationID+" "+status] = r.Value.Content
			}
		}
	}
	return out
}
