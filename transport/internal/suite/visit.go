package suite

import (
	"net/http/httptest"
	"net/url"
	"strings"
)

// Get asks the lab's handler for a path under a name; header is a list of names and values.
func (l *Lab) Get(method, host, path, body string, header ...string) *httptest.ResponseRecorder {
	l.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = host
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	return w
}

// Host is the name and port of the lab's public URL.
func (l *Lab) Host() string {
	u, err := url.Parse(l.Config.Origin())
	if err != nil {
		l.T.Fatal(err)
	}
	return u.Host
}
