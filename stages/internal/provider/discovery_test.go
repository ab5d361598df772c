package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const metaKey = "GET " + realm + wellKnown

func TestMetadataIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		server string
		meta   map[string]any
		ok     bool
	}{
		"as it should be":             {realm, nil, true},
		"a slash that is not there":   {realm + "/", nil, true},
		"the whole address":           {realm + wellKnown, nil, true},
		"a slash that was not typed":  {realm, map[string]any{"issuer": realm + "/"}, true},
		"another issuer":              {realm, map[string]any{"issuer": "https://evil.example.com"}, false},
		"another realm":               {realm, map[string]any{"issuer": realm + "2"}, false},
		"no issuer":                   {realm, map[string]any{"issuer": nil}, false},
		"no token endpoint":           {realm, map[string]any{"token_endpoint": nil}, false},
		"no authorization endpoint":   {realm, map[string]any{"authorization_endpoint": nil}, false},
		"no keys":                     {realm, map[string]any{"jwks_uri": nil}, false},
		"a token endpoint in clear":   {realm, map[string]any{"token_endpoint": "http://login.example.com/token"}, false},
		"userinfo in clear":           {realm, map[string]any{"userinfo_endpoint": "http://login.example.com/userinfo"}, false},
		"keys in a file":              {realm, map[string]any{"jwks_uri": "file:///etc/passwd"}, false},
		"an endpoint without host":    {realm, map[string]any{"token_endpoint": "/token"}, false},
		"an endpoint that is a list":  {realm, map[string]any{"token_endpoint": []string{"x"}}, false},
		"sends people to javascript:": {realm, map[string]any{"authorization_endpoint": "javascript:alert(1)"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			n := newInternet(t)
			n.openIssuer(realm).meta = c.meta
			p := n.provider(Config{Kind: "openid_connect", ServerURL: c.server})
			u, err := p.AuthCodeURL(context.Background(), request())
			if (err == nil) != c.ok {
				t.Errorf("got %q, %v", u, err)
			}
			if err != nil && !errors.Is(err, ErrUnreachable) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestMetadataIsNotAnswered(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"down":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"gone":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"garbage": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"empty":   func(http.ResponseWriter, *http.Request) {},
		"null":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "null") },
		"huge": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"issuer": "`+realm+`", "x": "`+strings.Repeat("x", maxBody)+`"}`)
		},
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"issuer"`)
		},
		"moved": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example.com"+wellKnown, http.StatusFound)
		},
		"in clear": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://login.example.com/realm"+wellKnown, http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newInternet(t)
			n.openIssuer(realm)
			n.openIssuer("https://elsewhere.example.com")
			n.on(metaKey, h)
			p := n.provider(Config{Kind: "openid_connect", ServerURL: realm})
			_, err := p.AuthCodeURL(context.Background(), request())
			if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "<html>") {
				t.Errorf("got %v", err)
			}
			_, err = p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: "a.b.c"})
			if !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrInvalidToken) {
				t.Errorf("a token: %v", err)
			}
			if code, _ := Code(err); code != "" {
				t.Errorf("the client is told %s", code)
			}
		})
	}
}

func TestSlowProvider(t *testing.T) {
	n := newInternet(t)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	n.on(metaKey, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	client := n.client()
	client.Timeout = 50 * time.Millisecond
	p, err := New(Config{Kind: "openid_connect", ServerURL: realm, ClientID: "client"}, Deps{Client: client, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := p.AuthCodeURL(context.Background(), request()); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
	}

	// Who gives up sooner is let go sooner.
	patient := n.provider(Config{Kind: "openid_connect", ServerURL: realm})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = patient.AuthCodeURL(ctx, request())
	if !errors.Is(err, ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// clock is a time that tests move.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(noon().Unix())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(c.at.Load(), 0) }
func (c *clock) pass(some time.Duration) { c.at.Add(int64(some / time.Second)) }

func TestMetadataIsKeptAndRenewed(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	now := newClock()
	p, err := New(Config{Kind: "openid_connect", ServerURL: realm, ClientID: "client"}, Deps{Client: n.client(), Now: now.now})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() error {
		_, err := p.AuthCodeURL(context.Background(), request())
		return err
	}
	steps := []struct {
		pass  time.Duration
		down  bool
		ok    bool
		asked int
	}{
		{0, true, false, 1},                            // down at the first
		{time.Second, false, false, 1},                 // too soon to try again
		{fetchPause, false, true, 2},                   // up
		{metadataFresh - 1*time.Second, true, true, 2}, // fresh
		{2 * time.Second, true, true, 3},               // no longer fresh, down: the old will do
		{time.Second, true, true, 3},                   // not asked all the time
		{fetchPause, true, true, 4},                    // but again
		{metadataStale, true, false, 5},                // too old
		{fetchPause, false, true, 6},                   // up again
	}
	for at, s := range steps {
		now.pass(s.pass)
		if s.down {
			i.meta["issuer"] = "https://down.example.com"
		} else {
			delete(i.meta, "issuer")
		}
		if err := ask(); (err == nil) != s.ok {
			t.Errorf("step %d: %v", at, err)
		}
		if got := n.count(metaKey); got != s.asked {
			t.Errorf("step %d: asked %d times, want %d", at, got, s.asked)
		}
	}
}

func TestNewAsksNobody(t *testing.T) {
	n := newInternet(t)
	for _, k := range kinds() {
		cfg := Config{Kind: k.ID, Secret: "secret"}
		if k.Hosted == selfHosted {
			cfg.ServerURL = serverOf(k)
		}
		if k.special == isConfigured {
			cfg.Settings = intranet(nil).Settings
		}
		n.provider(cfg)
	}
	if len(n.seen) > 0 {
		t.Errorf("asked %v", n.seen)
	}
}

func TestWhereTheSecretGoes(t *testing.T) {
	for name, c := range map[string]struct {
		cfg       Config
		announced any
		basic     bool
	}{
		"nothing is said":      {Config{Secret: "s"}, nil, true},
		"both will do":         {Config{Secret: "s"}, []string{"client_secret_basic", "client_secret_post"}, false},
		"basic only":           {Config{Secret: "s"}, []string{"client_secret_basic"}, true},
		"post only":            {Config{Secret: "s"}, []string{"client_secret_post"}, false},
		"configured as post":   {Config{Secret: "s", TokenAuthMethod: "client_secret_post"}, []string{"client_secret_basic"}, false},
		"configured as basic":  {Config{Secret: "s", TokenAuthMethod: "client_secret_basic"}, []string{"client_secret_post"}, true},
		"there is no secret":   {Config{}, []string{"client_secret_basic"}, false},
		"no secret, and basic": {Config{TokenAuthMethod: "client_secret_basic"}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			n := newInternet(t)
			i := n.openIssuer(realm)
			i.meta["token_endpoint_auth_methods_supported"] = c.announced
			c.cfg.Kind, c.cfg.ServerURL = "openid_connect", realm
			answer := `{"access_token": "a", "id_token": "` + i.mint(map[string]any{"nonce": testNonce}) + `"}`
			n.on("POST "+realm+"/token", func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				id, secret, basic := r.BasicAuth()
				if !basic {
					id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
				}
				if basic != c.basic || id != "client" || secret != c.cfg.Secret {
					t.Errorf("basic %v, id %q, secret %q", basic, id, secret)
				}
				if r.PostForm.Has("client_secret") && (c.basic || c.cfg.Secret == "") {
					t.Errorf("form: %v", r.PostForm)
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, answer)
			})
			if _, err := n.provider(c.cfg).Exchange(context.Background(), callback(nil)); err != nil {
				t.Error(err)
			}
		})
	}
}
