package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// member is a client of a server that runs on its own.
type member struct {
	t      *testing.T
	server *process
	access string
}

// ask asks, and wants a status.
func (p *member) ask(method, path string, body map[string]string, want int) map[string]any {
	p.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			p.t.Fatal(err)
		}
	}
	req, err := http.NewRequest(method, p.server.url+"/auth"+path, bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.access != "" {
		req.Header.Set("Authorization", "Bearer "+p.access)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if resp.StatusCode != want {
		p.t.Fatalf("%s %s: %d %s, want %d", method, path, resp.StatusCode, raw, want)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		p.t.Fatal(err)
	}
	return out
}

// login signs in, or wants another status.
func (p *member) login(want int) {
	p.t.Helper()
	p.access = ""
	got := p.ask("POST", "/login/", map[string]string{"email": "ada@example.com", "password": "violet harbour 7"}, want)
	p.access, _ = got["access_token"].(string)
}

// signedOut waits until the session has ended: the server learns of it in a moment.
func (p *member) signedOut() {
	p.t.Helper()
	for range 200 {
		req, err := http.NewRequest("GET", p.server.url+"/auth/user/", nil)
		if err != nil {
			p.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.access)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			p.t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusUnauthorized {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatal("the session goes on")
}

// operator carries out a command about users and wants it to say something.
func operator(t *testing.T, want string, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	status := run(append([]string{"user"}, args...), &out, &errs)
	if status != 0 || !strings.Contains(out.String(), want) {
		t.Fatalf("user %s: %d %s%s, want %q", strings.Join(args, " "), status, out.String(), errs.String(), want)
	}
}

// TestUserBesideAServer looks after an account while a server runs.
func TestUserBesideAServer(t *testing.T) {
	t.Chdir(t.TempDir())
	operator(t, "", "add", "--email", "ada@example.com")
	server, err := launch(".", "stagedoor", nil, "dev", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.kill()
	p := &member{t: t, server: server}
	p.login(400)
	// An account without a password gets one by mail.
	p.ask("POST", "/password/reset/", map[string]string{"email": "ada@example.com"}, 200)
	p.ask("POST", "/password/reset/confirm/", map[string]string{"key": p.key(), "password": "violet harbour 7"}, 200)

	p.login(200)
	operator(t, "rest from 127.0.0.1", "show", "ada@example.com")
	operator(t, "is signed out everywhere", "sign-out", "ada")
	p.signedOut()
	p.login(200)
	operator(t, "is disabled", "disable", "ada")
	p.signedOut()
	p.login(400)
	operator(t, "is enabled", "enable", "ada")
	p.login(200)

	p.ask("POST", "/stages/reauthenticate/", map[string]string{"password": "violet harbour 7"}, 200)
	secret, _ := p.ask("POST", "/mfa/totp/add/", nil, 200)["secret"].(string)
	p.ask("POST", "/mfa/totp/confirm/", map[string]string{"secret": secret, "code": totpOf(t, secret)}, 200)
	before := *p
	p.login(401)
	operator(t, "has no authenticators left", "remove-factors", "ada")
	before.signedOut()
	p.login(200)
}

// key waits for the key of the newest mail.
func (p *member) key() string {
	p.t.Helper()
	for range 200 {
		resp, err := http.Get(p.server.url + "/dev/mailbox.json")
		if err != nil {
			p.t.Fatal(err)
		}
		var box struct{ Letters []struct{ Key string } }
		err = json.NewDecoder(resp.Body).Decode(&box)
		resp.Body.Close()
		if err != nil {
			p.t.Fatal(err)
		}
		if len(box.Letters) > 0 && box.Letters[0].Key != "" {
			return box.Letters[0].Key
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatal("no mail comes")
	return ""
}
