package suite

import (
	"io"
	"net/http"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// AdminToken opens the endpoint of operators.
const AdminToken = "yv1Qm0c8S3hJ5o2T/aR9+kXwZ4uN7fLdGbPqEeIiAaTtMmVv"

// WithToken switches the endpoint of operators on.
func WithToken(c *config.Config, _ *server.Options) { c.Admin.Token = AdminToken }

// Operator asks the operators' endpoint.
func (l *Lab) Operator(method, path string, headers ...string) (*http.Response, string) {
	l.T.Helper()
	req, err := http.NewRequestWithContext(l.T.Context(), method, l.URL+path, nil)
	if err != nil {
		l.T.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.T.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		l.T.Fatal(err)
	}
	return resp, string(body)
}
