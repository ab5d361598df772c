package stolen

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestSkippedForged says the words of a browser that could not fetch its cookie.
func TestSkippedForged(t *testing.T) {
	t.Parallel()
	for _, grace := range []config.Seconds{0, 120} {
		l := suite.NewLab(t, binding("offer"), func(c *config.Config, _ *server.Options) { c.Session.DeviceBoundGrace = grace })
		member(l)
		h := home(l)
		id := h.browser.Bound()[0]
		thief := h.copied().without(boundCookie)
		words := []string{
			`quota_exceeded;session_identifier="` + id + `"`, `unreachable;session_identifier="` + id + `"`, `server_error`, "1", "",
		}
		try := func(when string, readable bool) {
			t.Helper()
			for i, word := range words {
				headers := []string{"Secure-Session-Skipped", word}
				for _, path := range reads() {
					r := thief.web("GET", path, nil, headers...)
					if r.signedIn() && (!readable || i > 2) {
						t.Errorf("grace %v, %s, %q: reads %s: %d %.200s", grace, when, word, path, r.status, r.raw)
					}
					if strings.Contains(r.raw, "secret") && strings.Contains(r.raw, "totp_url") {
						t.Errorf("grace %v, %s: reads a secret at %s: %.200s", grace, when, path, r.raw)
					}
					if offers := device.Offers(r.header); len(offers) > 0 {
						t.Errorf("grace %v, %s: is offered to bind: %+v", grace, when, offers)
					}
				}
				for _, m := range writes() {
					if r := thief.web(m.method, m.path, m.body, headers...); r.signedIn() {
						t.Errorf("grace %v, %s, %q: does %s %s: %d %.200s", grace, when, word, m.method, m.path, r.status, r.raw)
					}
				}
			}
		}
		try("at once", false)
		pass(l, boundAge-time.Minute)
		try("before the end", grace > 0)
		pass(l, 2*time.Minute)
		try("within the grace", grace > 0)
		pass(l, 2*time.Minute)
		try("after it", false)
		h.works()
		h.does("refreshed")
	}
}

// TestEndsEverywhere ends a bound session in every way there is: its browser is told at the next
// refresh, which gives nothing, and neither does what it has shown before.
func TestEndsEverywhere(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(l *suite.Lab, h *hand){
		"signed out": func(_ *suite.Lab, h *hand) { h.web("DELETE", "/auth/session", nil).is(401) },
		"from another session": func(l *suite.Lab, _ *hand) {
			other := home(l)
			r := other.web("GET", "/auth/sessions", nil).is(200)
			list, _ := r.body["data"].([]any)
			var ids []any
			for _, one := range list {
				if m, _ := one.(map[string]any); m["is_current"] != true {
					ids = append(ids, m["id"])
				}
			}
			other.web("DELETE", "/auth/sessions", suite.M{"sessions": ids}).is(200)
		},
		"password changed": func(l *suite.Lab, _ *hand) {
			other := home(l)
			other.web("POST", "/account/password/change", suite.M{"current_password": suite.Password, "new_password": "another-horse-8"}).is(200)
		},
		"disabled": func(l *suite.Lab, _ *hand) {
			operate(l, func(o *server.Operator) (string, error) { return o.SetActive(l.T.Context(), owner, false) })
		},
		"signed out by an operator": func(l *suite.Lab, _ *hand) {
			operate(l, func(o *server.Operator) (string, error) { return o.SignOut(l.T.Context(), owner) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := suite.NewLab(t, binding("offer"))
			member(l)
			h := newBrowser(l)
			tr := h.refreshed(l)
			thief := h.copied()
			end(l, h)
			l.Quiet()
			thief.fails()
			for i := range tr.requests {
				if got := tr.again(t, l, i); gives(got) {
					t.Errorf("request %d of before gives a cookie: %d %v", i, got.StatusCode, got.Header)
				}
			}
			// A browser that has kept its key is told.
			pass(l, boundAge)
			for i := range tr.requests {
				if strings.Contains(tr.requests[i].URL.Path, "/refresh") {
					got := tr.again(t, l, i, "Secure-Session-Response", "")
					if got.StatusCode != 200 || gives(got) || got.Header.Get("Secure-Session-Challenge") != "" {
						t.Errorf("a refresh after the end: %d %v", got.StatusCode, got.Header)
					}
				}
			}
			if r := h.web("GET", "/auth/session", nil); r.signedIn() {
				t.Errorf("the session goes on: %d", r.status)
			}
			if bound := h.browser.Bound(); len(bound) > 0 {
				t.Errorf("the browser holds on to %v; it did %q", bound, h.did())
			}
		})
	}
}

// operate has an operator do something, at the database.
func operate(l *suite.Lab, do func(*server.Operator) (string, error)) {
	l.T.Helper()
	o, err := server.OpenOperator(l.T.Context(), l.Config, server.Options{Log: slog.New(slog.DiscardHandler), Now: l.Clock.Read})
	if err != nil {
		l.T.Fatal(err)
	}
	defer o.Close()
	if _, err := do(o); err != nil {
		l.T.Fatal(err)
	}
}

// TestPasswordChangedHere: the browser in which the password is changed goes on under another
// token, bound as before, and fetches its next cookie.
func TestPasswordChangedHere(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	h := home(l)
	before := h.copied()
	h.web("POST", "/account/password/change", suite.M{"current_password": suite.Password, "new_password": "another-horse-8"}).is(200)
	h.works()
	before.fails()
	thief := h.copied().without(boundCookie)
	thief.fails()
	pass(l, boundAge)
	h.works()
	if did := h.did(); !strings.HasSuffix(did, "refreshed") {
		t.Errorf("after the password was changed the browser did %q", did)
	}
	thief.fails()
}

// TestMidLogin copies the cookies of somebody who waits for a second factor.
func TestMidLogin(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	added, err := l.AddAccount(t.Context(), server.NewAccount{Email: owner, EmailVerified: true, Password: suite.Password, TOTP: true})
	if err != nil {
		t.Fatal(err)
	}
	h := newBrowser(l)
	h.web("GET", "/config", nil).is(200)
	h.web("POST", "/auth/login", password()).is(401)
	h.does("")
	thief := h.copied()
	h.web("POST", "/auth/2fa/authenticate", suite.M{"code": l.TOTP(added.TOTPSecret)}).is(200)
	h.does("registered")
	thief.fails()
	h.works()
}
