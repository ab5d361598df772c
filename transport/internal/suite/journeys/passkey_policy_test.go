package journeys

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// strictPasskeys has passkeys sign in from the server's own pages alone.
func strictPasskeys(c *config.Config, o *server.Options) {
	suite.Dev(c, o)
	c.Dev.AllowRemote = true // and so no page of this machine may ask, but its own
}

// insiderWithPasskey is somebody who has a passkey.
func insiderWithPasskey(t *testing.T, l *suite.Lab) *softKey {
	t.Helper()
	s, k := l.Insider("ada@example.com"), newSoftKey(l)
	s.Prove()
	begun := s.Post("/mfa/webauthn/add/", suite.M{"passwordless": true}).Is(200)
	s.Post("/mfa/webauthn/add/", suite.M{"credential": k.create(t, begun), "name": "phone"}).Is(200)
	return k
}

// shows signs in with the passkey.
func (k *softKey) shows(t *testing.T, l *suite.Lab) *suite.Said {
	t.Helper()
	in := l.Script()
	options := in.Post("/stages/mfa_login_webauthn/options/", suite.M{}).Is(200)
	return in.Post("/stages/mfa_login_webauthn/", suite.M{"token": options.FlowToken, "credential": k.get(t, options)})
}

// Why a passkey was refused was nowhere: it is in the log, in the trail, found by whose passkey
// it is, and in the event; the client is told what it was told.
func TestPasskeyRefusalsSayWhy(t *testing.T) {
	log, h := &suite.Journal{}, new(suite.Heard)
	l := suite.NewLab(t, strictPasskeys, h.Hears, func(_ *config.Config, o *server.Options) { o.Log = slog.New(slog.NewJSONHandler(log, nil)) })
	k := insiderWithPasskey(t, l)
	h.Take(l, 6)
	liar := *k
	liar.rp.Origin = "https://evil.example"
	l.Clock.Pass(time.Minute)
	liar.shows(t, l).Is(400, "credential:incorrect_code")

	const why = `origin: "https://evil.example" is none of the origins that may ask, which webauthn_origins and webauthn_related_origins list`
	var line map[string]any
	for text := range strings.Lines(log.String()) {
		if strings.Contains(text, "evil.example") {
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatal(err)
			}
		}
	}
	if line["why"] != why || line["outcome"] != "wrong" || line["errors"] != "credential:incorrect_code" || line["account"] == nil {
		t.Errorf("the log says %v", line)
	}
	told, err := l.Explainer().User(t.Context(), "ada@example.com", 1)
	if err != nil || len(told) != 1 || told[0].Flow != "mfa_login_webauthn" || told[0].Now.State != "refused" || told[0].Now.Why != why {
		t.Errorf("the trail says %+v, %v", told, err)
	}
	if e := h.Tells(l, server.Failed)[0]; e.Why != why || e.Account == "" {
		t.Errorf("the event says %+v", e)
	}
	k.shows(t, l).Entered("ada@example.com")
	h.Tells(l, server.AuthenticatorUsed, server.SignedIn)

	stranger := newSoftKey(l)
	stranger.key.Options.UserHandle = k.key.Options.UserHandle
	stranger.shows(t, l).Is(400, "credential:incorrect_code")
	if e := h.Tells(l, server.Failed)[0]; e.Why != "unknown: no account has the credential" || e.Account != "" {
		t.Errorf("the event of a stranger says %+v", e)
	}
}

// A passkey that has moved to a provider that does not count was locked out for ever. It signs in,
// its owner gets a letter, once for each time it goes back, and the program an event.
func TestCounterThatGoesBack(t *testing.T) {
	h := new(suite.Heard)
	l := suite.NewLab(t, strictPasskeys, h.Hears)
	k := insiderWithPasskey(t, l)
	h.Take(l, 6)
	letters := func() (n int) {
		for _, m := range l.Mails.To("ada@example.com") {
			if m.Template == state.WebAuthnSuspectedTemplate {
				n++
				if m.Data["name"] != "phone" || m.Data["ip"] == "" {
					t.Errorf("a letter with %v", m.Data)
				}
			}
		}
		return n
	}
	for i, c := range []struct {
		count   uint32
		doubts  bool
		letters int
	}{{7, false, 0}, {8, false, 0}, {0, true, 1}, {0, false, 1}, {3, false, 1}, {3, true, 2}, {3, true, 2}, {2, true, 3}} {
		l.Clock.Pass(time.Minute)
		k.cred.Counter = c.count
		k.shows(t, l).Entered("ada@example.com")
		want := []server.EventKind{server.AuthenticatorUsed, server.SignedIn}
		if c.doubts {
			want = slices.Insert(want, 1, server.CloneSuspected)
		}
		if told := h.Tells(l, want...); c.doubts && (told[1].Authenticator != state.WebAuthn || told[1].Account == "" || told[1].Flow != "mfa_login_webauthn") {
			t.Errorf("use %d: told %+v", i, told)
		}
		l.Eventually("the letters", func() bool { return letters() >= c.letters })
		if got := letters(); got != c.letters {
			t.Errorf("use %d: %d letters, want %d", i, got, c.letters)
		}
	}
}

// Where it is refused, the event says so all the same.
func TestCounterThatIsRefused(t *testing.T) {
	h := new(suite.Heard)
	l := suite.NewLab(t, strictPasskeys, h.Hears, func(c *config.Config, _ *server.Options) { c.MFA.WebAuthnCounter = "refuse" })
	k := insiderWithPasskey(t, l)
	h.Take(l, 6)
	k.cred.Counter = 7
	k.shows(t, l).Entered("ada@example.com")
	h.Tells(l, server.AuthenticatorUsed, server.SignedIn)
	k.cred.Counter = 3
	k.shows(t, l).Is(400, "credential:incorrect_code")
	told := h.Tells(l, server.Failed, server.CloneSuspected)
	if told[0].Why != "counter: its signature counter says 3 after 7, so it may have been copied" || told[1].Account == "" || told[1].Authenticator != state.WebAuthn {
		t.Errorf("told %+v", told)
	}
	k.cred.Counter = 8
	k.shows(t, l).Entered("ada@example.com")
}

// The check refused what Android calls an app. Its passkeys are made and used.
func TestAndroidAppHasPasskeys(t *testing.T) {
	const app = "android:apk-key-hash:MLLzDvY4ML5lvmXCyfE-VvHwnTL8_2nRzH1FB0n8Ng8"
	l := suite.NewLab(t, strictPasskeys, func(c *config.Config, _ *server.Options) { c.MFA.WebAuthnOrigins = []string{app} })
	s, k := l.Insider("ada@example.com"), newSoftKey(l)
	s.Prove()
	k.rp.Origin = app
	begun := s.Post("/mfa/webauthn/add/", suite.M{"passwordless": true}).Is(200)
	s.Post("/mfa/webauthn/add/", suite.M{"credential": k.create(t, begun)}).Is(200)
	k.shows(t, l).Entered("ada@example.com")
	page := *k
	page.rp.Origin = l.Config.Origin()
	page.shows(t, l).Entered("ada@example.com")
	other := *k
	other.rp.Origin = app[:len(app)-1] + "9"
	other.shows(t, l).Is(400, "credential:incorrect_code")
}

// Pages of other domains are named where browsers look, and have passkeys; without the setting
// there is nothing, and they have none.
func TestRelatedOrigins(t *testing.T) {
	const shop = "https://example.co.uk"
	for _, related := range [][]string{nil, {shop, "https://www.example.co.uk"}} {
		l := suite.NewLab(t, strictPasskeys, func(c *config.Config, _ *server.Options) { c.MFA.WebAuthnRelatedOrigins = related })
		res, err := http.Get(l.Config.Origin() + "/.well-known/webauthn")
		if err != nil {
			t.Fatal(err)
		}
		var document struct{ Origins []string }
		err = json.NewDecoder(res.Body).Decode(&document)
		res.Body.Close()
		if related == nil {
			if res.StatusCode != http.StatusNotFound {
				t.Errorf("nothing is related, and it answers %d", res.StatusCode)
			}
		} else if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json" || !slices.Equal(document.Origins, related) {
			t.Errorf("answered %d %s %q, %v", res.StatusCode, res.Header.Get("Content-Type"), document.Origins, err)
		}
		k := insiderWithPasskey(t, l)
		k.rp.Origin = shop
		if related == nil {
			k.shows(t, l).Is(400, "credential:incorrect_code")
		} else {
			k.shows(t, l).Entered("ada@example.com")
		}
	}
}
