package devicebound

import (
	"crypto/tls"
	"io"
	"net/http"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// reply is what a program is answered.
type reply struct {
	status int
	header http.Header
	body   string
}

// refreshes asks for a refresh as a program without the key can, by the session's address and name.
func (s *site) refreshes(url, id string) reply {
	s.T.Helper()
	r, err := http.NewRequest(http.MethodPost, url, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	r.Host, r.URL.Host = r.URL.Host, "127.0.0.1:"+s.port
	r.Header.Set("Sec-Secure-Session-Id", id)
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	got, err := web.Do(r)
	if err != nil {
		s.T.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		s.T.Fatal(err)
	}
	return reply{got.StatusCode, got.Header, string(body)}
}

// TestCopiedCookies gives a second browser, which could bind sessions as well, what a thief copies.
func TestCopiedCookies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.browser(t)
	w := owner.member()
	nobody := func(w *suite.Tab, from int, why string) {
		t.Helper()
		w.Open("/account/")
		w.At("/account/login", "Sign in")
		is(w, 401, "GET", "/auth/session", "")
		is(w, 401, "POST", "/account/password/change", `{"current_password": "`+pass+`", "new_password": "amber lantern 9"}`)
		for _, r := range s.since(from, "/") {
			if r.answer.Get("Secure-Session-Registration") != "" || r.path == registers {
				t.Errorf("%s: the thief's browser may bind: %v", why, r)
			}
		}
	}
	// A browser that has nobody signed in goes away from /account/ by itself: it has to ask for more
	// than the document.
	thief := s.browser(t)
	thief.steal(owner, boundCookie)
	v := thief.tab()
	nobody(v, s.mark(), "the cookie alone, within the bound cookie's life")
	if all := thief.bindings(); len(all) != 0 {
		t.Errorf("the thief's browser knows of %v", all)
	}
	is(w, 200, "GET", "/auth/session", "")

	// Whoever copies the bound cookie as well has what it was lent for, and no more.
	thief.steal(owner)
	is(v, 200, "GET", "/auth/session", "")
	owner.expire()
	is(w, 200, "GET", "/auth/session", "")
	s.Clock.Pass(61 * time.Second)
	from := s.mark()
	nobody(v, from, "all cookies, once the owner has refreshed")
	is(w, 200, "GET", "/auth/session", "")

	thief.steal(owner)
	is(v, 200, "GET", "/auth/session", "")
	s.Clock.Pass(s.Config.Session.DeviceBoundAge.Duration() + time.Second)
	from = s.mark()
	nobody(v, from, "all cookies, after the bound cookie's life")
	at := owner.bindings()[0]
	if got := s.refreshes(at.RefreshURL, at.Key.ID); got.status != 403 || got.header.Get("Secure-Session-Challenge") == "" || got.header.Get("Set-Cookie") != "" {
		t.Errorf("a refresh without the key: %d %v %s", got.status, got.header, got.body)
	}
	owner.expire()
	is(w, 200, "GET", "/auth/session", "")
}
