package provider

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const api = "https://api.github.com/user"

func TestProfileAnswers(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = io.WriteString(z, `{"id": 1, "x": "`+strings.Repeat("x", 4*maxBody)+`"}`)
	_ = z.Close()
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		want error
	}{
		"fine":           {say(200, `{"id": 1}`), nil},
		"nobody":         {say(200, `{"login": "x"}`), ErrRefused},
		"a list":         {say(200, `[{"id": 1}]`), ErrUnreachable},
		"two":            {say(200, `{"id": 1} {"id": 2}`), ErrUnreachable},
		"garbage":        {say(200, `<html>`+testAccess), ErrUnreachable},
		"empty":          {say(200, ``), ErrUnreachable},
		"revoked":        {say(401, `{"message": "Bad credentials"}`), ErrRefused},
		"forbidden":      {say(403, `{"id": 1}`), ErrRefused},
		"too many":       {say(429, `{"id": 1}`), ErrUnreachable},
		"down":           {say(500, `{"id": 1}`), ErrUnreachable},
		"nothing to see": {say(304, ``), ErrRefused},
		"huge":           {say(200, `{"id": 1, "x": "`+strings.Repeat("x", maxBody)+`"}`), ErrUnreachable},
		"a bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, ErrUnreachable},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"id": 1`)
		}, ErrUnreachable},
		"moved within the host": {move("https://api.github.com/user/1"), nil},
		"moved to another host": {move("https://evil.example.com/user"), ErrUnreachable},
		"moved to another port": {move("https://api.github.com:8443/user"), ErrUnreachable},
		"moved to plain http":   {move("http://api.github.com/user"), ErrUnreachable},
		"moved in circles":      {move(api), ErrUnreachable},
		"moved to nowhere":      {move("javascript:alert(1)"), ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			n := newInternet(t)
			n.says("POST https://github.com/login/oauth/access_token", "", `{"access_token": "`+testAccess+`"}`)
			n.on("GET "+api, c.h)
			for _, far := range []string{"https://evil.example.com/user", "https://api.github.com:8443/user", "http://api.github.com/user"} {
				n.on("GET "+far, func(http.ResponseWriter, *http.Request) { t.Errorf("%s was asked", far) })
			}
			n.says("GET https://api.github.com/user/1", testAccess, `{"id": 1}`)
			n.says("GET https://api.github.com/user/emails", testAccess, `[]`)
			a, err := n.provider(Config{Kind: "github", Secret: "secret"}).Exchange(context.Background(), callback(nil))
			if !errors.Is(err, c.want) || (err == nil) != (a.UID == "1") {
				t.Fatalf("got %+v, %v", a, err)
			}
			if err != nil && strings.Contains(err.Error(), testAccess) {
				t.Errorf("the access token stands in the error: %v", err)
			}
		})
	}
}

func say(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func move(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

func TestErrorsHideTheQuery(t *testing.T) {
	n := newInternet(t)
	n.server.Close()
	p := n.provider(Config{Kind: "facebook", Secret: "app-secret"})
	_, err := p.VerifyToken(context.Background(), Token{ClientID: "client", AccessToken: "users-token"})
	if !errors.Is(err, ErrUnreachable) {
		t.Fatalf("got %v", err)
	}
	for _, hidden := range []string{"app-secret", "users-token", "?"} {
		if strings.Contains(err.Error(), hidden) {
			t.Errorf("%q stands in: %v", hidden, err)
		}
	}
	if want := "https://graph.facebook.com/v23.0/debug_token"; !strings.Contains(err.Error(), want) {
		t.Errorf("where it failed is not said: %v", err)
	}
}

func TestWebTimeout(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{0: maxTime, -1: maxTime, time.Second: time.Second} {
		if got := newWeb(&http.Client{Timeout: given}, nil).client.Timeout; got != want {
			t.Errorf("%v: %v", given, got)
		}
	}
	if got := newWeb(nil, nil).client.Timeout; got != maxTime {
		t.Errorf("no client: %v", got)
	}
}

func TestSlowBody(t *testing.T) {
	n := newInternet(t)
	n.on("POST https://github.com/login/oauth/access_token", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, " ")
			w.(http.Flusher).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	})
	client := n.client()
	client.Timeout = 100 * time.Millisecond
	p, err := New(Config{Kind: "github", ClientID: "client"}, Deps{Client: client, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Exchange(context.Background(), callback(nil)); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

func TestHeaders(t *testing.T) {
	for kind, c := range map[string]struct {
		url, name, want string
		settings        map[string]string
	}{
		"twitch": {"GET https://api.twitch.tv/helix/users", "Client-Id", "client", nil},
		"reddit": {"POST https://www.reddit.com/api/v1/access_token", "User-Agent", "acme:1", map[string]string{"user_agent": "acme:1"}},
		"github": {"GET https://api.github.com/user", "User-Agent", "stagedoor", nil},
		"zoom":   {"POST https://zoom.us/oauth/token", "Accept", "application/json", nil},
	} {
		n := newInternet(t)
		p := n.provider(Config{Kind: kind, Secret: "secret", Settings: c.settings})
		n.says("POST "+p.static.token, "", `{"access_token": "`+testAccess+`"}`)
		var got string
		next := n.routes[c.url]
		n.on(c.url, func(w http.ResponseWriter, r *http.Request) {
			got = r.Header.Get(c.name)
			if next != nil {
				next(w, r)
			}
		})
		_, _ = p.Exchange(context.Background(), callback(nil))
		if got != c.want {
			t.Errorf("%s: %s is %q, want %q", kind, c.name, got, c.want)
		}
	}
}

func TestSecretsAreNotSentOn(t *testing.T) {
	const from, to = "https://github.com/login/oauth/access_token", "https://github.com/login/elsewhere"
	for _, status := range []int{301, 302, 303, 307, 308} {
		n := newInternet(t)
		n.on("POST "+from, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(status)
		})
		n.says("GET "+to, "", `{"access_token": "`+testAccess+`"}`)
		n.says("POST "+to, "", `{"access_token": "`+testAccess+`"}`)
		_, err := n.provider(Config{Kind: "github", Secret: "secret"}).Exchange(context.Background(), callback(nil))
		if !errors.Is(err, ErrUnreachable) || n.count("GET "+to)+n.count("POST "+to) > 0 {
			t.Errorf("status %d: %v, asked %v", status, err, n.seen)
		}
	}
}
