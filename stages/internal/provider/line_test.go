package provider

import (
	"context"
	"errors"
	"net/http"
	"testing"
)

func TestLineVerification(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		answer string
		want   error
	}{
		"good":            {200, `{"iss": "https://access.line.me", "sub": "U1", "aud": "client", "nonce": "` + testNonce + `"}`, nil},
		"another nonce":   {200, `{"iss": "https://access.line.me", "sub": "U1", "aud": "client", "nonce": "x"}`, ErrRefused},
		"no nonce":        {200, `{"iss": "https://access.line.me", "sub": "U1", "aud": "client"}`, ErrRefused},
		"another channel": {200, `{"iss": "https://access.line.me", "sub": "U1", "aud": "other", "nonce": "` + testNonce + `"}`, ErrRefused},
		"another issuer":  {200, `{"iss": "https://evil.example.com", "sub": "U1", "aud": "client", "nonce": "` + testNonce + `"}`, ErrRefused},
		"nobody":          {200, `{"iss": "https://access.line.me", "aud": "client", "nonce": "` + testNonce + `"}`, ErrRefused},
		"not valid":       {400, `{"error": "invalid_request", "error_description": "IdToken expired."}`, ErrRefused},
		"down":            {500, `{}`, ErrUnreachable},
		"garbage":         {200, `U1`, ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			n := newInternet(t)
			n.says("POST https://api.line.me/oauth2/v2.1/token", "", `{"access_token": "a", "id_token": "e.e.e"}`)
			n.on("POST https://api.line.me/oauth2/v2.1/verify", func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				if f := r.PostForm; f.Get("id_token") != "e.e.e" || f.Get("client_id") != "client" || f.Get("nonce") != testNonce {
					t.Errorf("verifies %v", f)
				}
				say(c.status, c.answer)(w, r)
			})
			a, err := n.provider(Config{Kind: "line", Secret: "secret"}).Exchange(context.Background(), callback(nil))
			if !errors.Is(err, c.want) || (a.UID == "U1") != (c.want == nil) {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

func TestLineWithoutIDToken(t *testing.T) {
	n := newInternet(t)
	n.says("POST https://api.line.me/oauth2/v2.1/token", "", `{"access_token": "a"}`)
	p := n.provider(Config{Kind: "line", Secret: "secret"})
	if _, err := p.Exchange(context.Background(), callback(nil)); !errors.Is(err, ErrRefused) {
		t.Errorf("got %v", err)
	}
	c := callback(nil)
	c.Nonce = ""
	if _, err := p.Exchange(context.Background(), c); !errors.Is(err, ErrRequest) {
		t.Errorf("without a nonce: %v", err)
	}
}
