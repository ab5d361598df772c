package stolen

import (
	"net/http"
	"testing"
	"time"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestProofAtOnce shows one proof many times at once, at two servers: it is good for one request.
func TestProofAtOnce(t *testing.T) {
	t.Parallel()
	contracts(t, func(t *testing.T, k kind) {
		l := k.lab(t, "offer")
		member(l)
		two := beside(l, binding("offer"), k.tokens)
		h := newApp(l)
		k.signIn(h).is(200)
		k.works(h)
		place, headers := "/_allauth/app/v1/auth/session", []string{"X-Session-Token", h.token}
		token := h.token
		if k.plain {
			place, headers, token = "/auth/user/", []string{"Authorization", "DPoP " + h.access}, h.access
		}
		proof, err := h.app.Prove(device.Proof{Method: "GET", URL: site + place, Token: token})
		if err != nil {
			t.Fatal(err)
		}
		won := 0
		for _, r := range suite.AtOnce(8, func(i int) *told {
			return newPlain([]*suite.Lab{l, two}[i%2]).send("GET", place, nil, append([]string{"DPoP", proof}, headers...)...)
		}) {
			if r.status == 200 {
				won++
			}
		}
		if won != 1 {
			t.Errorf("one proof was good for %d requests", won)
		}
		k.works(h)
	})
}

// TestRefreshTokenCopied spends the refresh token of a bound session without its key: it gets
// nothing, and the owner goes on as if nothing had been.
func TestRefreshTokenCopied(t *testing.T) {
	t.Parallel()
	contracts(t, func(t *testing.T, k kind) {
		if !k.signed {
			t.Skip("there is no refresh token")
		}
		l := k.lab(t, "offer")
		member(l)
		two := beside(l, binding("offer"), k.tokens)
		h := newApp(l)
		k.signIn(h).is(200)
		k.works(h)
		if h.refresh == "" {
			t.Fatal("there is no refresh token")
		}
		path := "/_allauth/app/v1/tokens/refresh"
		if k.plain {
			path = "/auth/token/refresh/"
		}
		for who, thief := range map[string]func(*suite.Lab) *hand{"no key": newPlain, "a key of his own": newApp} {
			for _, lab := range []*suite.Lab{l, two} {
				r := thief(lab).send("POST", path, suite.M{"refresh_token": h.refresh})
				if r.status < 400 || r.text("access_token") != "" || r.text("data", "access_token") != "" {
					t.Errorf("with %s: %d %.200s", who, r.status, r.raw)
				}
			}
		}
		k.works(h)
		r := h.send("POST", path, suite.M{"refresh_token": h.refresh})
		if r.status != 200 {
			t.Fatalf("the owner's refresh: %d %.200s", r.status, r.raw)
		}
		first := h.refresh
		take(&h.refresh, r.text("refresh_token"))
		take(&h.refresh, r.text("data", "refresh_token"))
		take(&h.access, r.text("access_token"))
		take(&h.access, r.text("data", "access_token"))
		if h.refresh == first {
			t.Error("the refresh token is the same")
		}
		thief := newPlain(l)
		for _, token := range []string{h.access, h.refresh} {
			for door, headers := range doors(token) {
				for _, place := range places() {
					if r := thief.send("GET", place, nil, headers...); r.signedIn() {
						t.Errorf("what was fetched, by %s at %s: %d %.200s", door, place, r.status, r.raw)
					}
				}
			}
		}
		if k.plain {
			k.works(h)
		}
	})
}

// TestNeverBoundLate: who has stolen the token of a session without a key cannot bind it to his own
// and so lock the owner out.
func TestNeverBoundLate(t *testing.T) {
	t.Parallel()
	contracts(t, func(t *testing.T, k kind) {
		l := k.lab(t, "offer")
		member(l)
		h := newPlain(l)
		k.signIn(h).is(200)
		thief := newApp(l)
		thief.token, thief.access, thief.refresh = h.token, h.access, h.refresh
		for range 3 {
			k.who(thief)
			k.who(thief, "Authorization", "Bearer "+h.access)
			if !k.plain {
				thief.api("POST", "/auth/login", password())
				thief.token = h.token
			}
		}
		k.works(h)
		pass(l, 2*time.Minute)
		k.works(h)
	})
}

// TestRunStolen copies the token of somebody who waits for a second factor and has begun with a
// proof: it is of no use without the key, even to who has the code.
func TestRunStolen(t *testing.T) {
	t.Parallel()
	contracts(t, func(t *testing.T, k kind) {
		l := k.lab(t, "offer")
		added, err := l.AddAccount(t.Context(), server.NewAccount{Email: owner, EmailVerified: true, Password: suite.Password, TOTP: true})
		if err != nil {
			t.Fatal(err)
		}
		h := newApp(l)
		k.signIn(h).is(401)
		finish := func(h *hand) *told {
			code := suite.M{"code": l.TOTP(added.TOTPSecret)}
			if k.plain {
				code["token"] = h.run
				return h.plain("POST", "/stages/mfa_authenticate/", code)
			}
			return h.api("POST", "/auth/2fa/authenticate", code)
		}
		robbed := h.robbed()
		keyed := newApp(l)
		keyed.token, keyed.run = h.token, h.run
		for who, thief := range map[string]*hand{"no key": robbed, "a key of his own": keyed} {
			if r := finish(thief); r.signedIn() {
				t.Errorf("with %s: %d %.200s", who, r.status, r.raw)
			}
		}
		if r := finish(h); r.status != 200 {
			t.Fatalf("the owner's second factor: %d %.300s", r.status, r.raw)
		}
		k.works(h)
		for _, token := range h.tokens() {
			for _, headers := range doors(token) {
				if r := newPlain(l).send("GET", places()[0], nil, headers...); r.signedIn() {
					t.Errorf("and the session is not bound: %.200s", r.raw)
				}
			}
		}
	})
}

// TestRequired: where binding is required no sign-in without a key gives anything.
func TestRequired(t *testing.T) {
	t.Parallel()
	contracts(t, func(t *testing.T, k kind) {
		l := k.lab(t, "require")
		member(l)
		h := newPlain(l)
		if r := k.signIn(h); r.status < 400 || len(h.tokens()) > 0 && r.signedIn() {
			t.Errorf("signed in without a key: %d %.200s", r.status, r.raw)
		}
		bad := with(newPlain(l), "DPoP", "no.proof.atall")
		if r := k.signIn(bad); r.status < 400 {
			t.Errorf("signed in with what is no proof: %d %.200s", r.status, r.raw)
		}
		good := newApp(l)
		k.signIn(good).is(200)
		k.works(good)
	})
}

// TestStaysBound has the owner's tokens change in every way there is: what comes is bound as what was.
func TestStaysBound(t *testing.T) {
	t.Parallel()
	contracts(t, func(t *testing.T, k kind) {
		l := k.lab(t, "offer")
		member(l)
		h := newApp(l)
		k.signIn(h).is(200)
		nobody := func(when string) {
			t.Helper()
			k.works(h)
			for what, token := range h.tokens() {
				for door, headers := range doors(token) {
					for _, place := range places() {
						if r := newPlain(l).send("GET", place, nil, headers...); r.signedIn() {
							t.Errorf("%s: the %s token by %s at %s: %.200s", when, what, door, place, r.raw)
						}
					}
				}
			}
		}
		change := suite.M{"current_password": suite.Password, "new_password": "another-horse-8"}
		if k.plain {
			h.plain("POST", "/password/change/", change).is(200)
		} else {
			h.api("POST", "/account/password/change", change).is(200)
		}
		nobody("after a change of the password")
		again := suite.M{"password": "another-horse-8"}
		if k.plain {
			h.plain("POST", "/reauthenticate/", again)
		} else {
			h.api("POST", "/auth/reauthenticate", again).is(200)
		}
		nobody("after another proof")
		pass(l, 2*time.Minute) // the database is asked
		nobody("later")
		address := suite.M{"email": "new@stage.test", "password": suite.Password}
		next := newApp(l)
		if k.plain {
			next.plain("POST", "/signup/", address).is(200)
		} else {
			next.api("POST", "/auth/signup", address).is(200)
		}
		for what, token := range next.tokens() {
			for door, headers := range doors(token) {
				r := newPlain(l).send("GET", places()[0], nil, headers...)
				u := newPlain(l).send("GET", "/auth/user/", nil, headers...)
				if r.status < 300 || u.status < 300 {
					t.Errorf("after a sign-up: the %s token by %s opens it", what, door)
				}
			}
		}
	})
}

// TestProofsOfBrowsers: a proof in the contract for browsers binds nothing to it.
func TestProofsOfBrowsers(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	h := newBrowser(l)
	h.web("GET", "/config", nil).is(200)
	proof, err := newApp(l).app.Prove(device.Proof{Method: "POST", URL: site + "/_allauth/browser/v1/auth/login"})
	if err != nil {
		t.Fatal(err)
	}
	if r := h.web("POST", "/auth/login", password(), "DPoP", proof); r.status == 200 {
		h.works()
		h.does("registered")
		pass(l, boundAge)
		h.works()
	}
}

// TestProofsInTwoHeaders: of two proofs none counts.
func TestProofsInTwoHeaders(t *testing.T) {
	t.Parallel()
	contracts(t, func(t *testing.T, k kind) {
		l := k.lab(t, "offer")
		member(l)
		h := newApp(l)
		k.signIn(h).is(200)
		k.works(h)
		place, token := site+"/_allauth/app/v1/auth/session", h.token
		if k.plain {
			place, token = site+"/auth/user/", h.access
		}
		thief := h.robbed()
		thief.by = roundTrip(func(req *http.Request) (*http.Response, error) {
			for _, by := range []*hand{newApp(l), h} {
				proof, err := by.app.Prove(device.Proof{Method: "GET", URL: place, Token: token})
				if err != nil {
					return nil, err
				}
				req.Header.Add("DPoP", proof)
			}
			if k.plain {
				req.Header.Set("Authorization", "DPoP "+token)
			}
			return thief.carrier.RoundTrip(req)
		})
		if r := k.who(thief); r.signedIn() {
			t.Errorf("%d %.200s", r.status, r.raw)
		}
	})
}
