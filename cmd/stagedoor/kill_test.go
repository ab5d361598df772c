package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

const killConfig = `
data_dir: data
log: {level: error}
account: {email_verification: mandatory, rate_limits: false}
password_hashing: {memory_kib: 1024, time: 1}
mail: {smtp_host: 127.0.0.1, smtp_port: %s, smtp_tls: none, from: stagedoor@example.com}
headless:
  frontend_urls:
    account_confirm_email: http://localhost:3000/verify/{key}
    account_reset_password_from_key: http://localhost:3000/reset/{key}
`

// mortal is a server that is killed and started again on the same files, and an app that
// talks to it.
type mortal struct {
	*process
	t     *testing.T
	dir   string
	post  *post
	token string
	kills int
}

func newMortal(t *testing.T) *mortal {
	t.Helper()
	m := &mortal{t: t, dir: t.TempDir(), post: newPost(t)}
	config := fmt.Sprintf(killConfig, m.post.port)
	if err := os.WriteFile(filepath.Join(m.dir, "stagedoor.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	m.start()
	t.Cleanup(func() { m.process.kill() })
	return m
}

func (m *mortal) start() {
	m.t.Helper()
	program, err := exec.LookPath("stagedoor")
	if err != nil {
		m.t.Fatal(err)
	}
	m.process, err = launch(m.dir, program, os.Environ(), "serve", "--config", "stagedoor.yaml", "--listen", "127.0.0.1:0")
	if err != nil {
		m.t.Fatal(err)
	}
}

// die is kill -9 and a restart. Whatever was said before, the files are sound, and no
// account is half made: each has its address and its password.
func (m *mortal) die() {
	m.t.Helper()
	m.kill()
	m.kills++
	if n := m.count(`SELECT count(*) FROM accounts a WHERE password_hash = '' OR NOT EXISTS (SELECT 1 FROM emails e WHERE e.account_id = a.id)`); n != 0 {
		m.t.Errorf("%d accounts are half made", n)
	}
	m.start()
}

// count answers a query of the server's file.
func (m *mortal) count(query string) (n int) {
	m.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(m.dir, "data", "stagedoor.sqlite3")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		m.t.Fatal(err)
	}
	defer db.Close()
	var sound string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
		m.t.Fatalf("the file is damaged: %s, %v", sound, err)
	}
	if err := db.QueryRow(query).Scan(&n); err != nil {
		m.t.Fatal(err)
	}
	return n
}

// result is an answer.
type result struct {
	status  int
	raw     string
	pending string
	secret  string
	codes   []string
}

// ask sends a request with a token and returns the answer and the token in it. A server
// that dies meanwhile answers with status 0.
func (m *mortal) ask(token, method, path string, body any) (result, string) {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		content = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, m.url+"/_allauth/app/v1"+path, content)
	if err != nil {
		panic(err)
	}
	if token != "" {
		req.Header.Set("X-Session-Token", token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return result{raw: err.Error()}, ""
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return result{raw: err.Error()}, ""
	}
	var all struct {
		Data json.RawMessage
		Meta struct {
			Token  string `json:"session_token"`
			Secret string
		}
	}
	var data struct {
		Flows []struct {
			ID      string
			Pending bool `json:"is_pending"`
		}
		Codes []string `json:"unused_codes"`
	}
	_ = json.Unmarshal(raw, &all) // what is not there is empty, and the status counts
	_ = json.Unmarshal(all.Data, &data)
	out := result{status: resp.StatusCode, raw: string(raw), secret: all.Meta.Secret, codes: data.Codes}
	for _, f := range data.Flows {
		if f.Pending {
			out.pending += f.ID
		}
	}
	return out, all.Meta.Token
}

// do is ask by the app, which keeps the token it is given.
func (m *mortal) do(status int, pending, method, path string, body any) result {
	m.t.Helper()
	r, token := m.ask(m.token, method, path, body)
	if r.status != status || r.pending != pending {
		m.t.Fatalf("after %d kills: %s %s: %d, pending %q; want %d, %q\n%s", m.kills, method, path, r.status, r.pending, status, pending, r.raw)
	}
	switch {
	case token != "":
		m.token = token
	case status == http.StatusGone:
		m.token = ""
	}
	return r
}

var person = map[string]string{"email": "ada@example.com", "password": "correct-horse-7"}

func code(c string) map[string]string { return map[string]string{"code": c} }

// totpOf is the code of now. It is taken for half a minute longer, so that a slow machine
// may need a while to send it.
func totpOf(t *testing.T, secret string) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// nextOf is the code of the next half minute, which this server takes already; that of the
// present one may have set up TOTP.
func nextOf(t *testing.T, secret string) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, time.Now().Add(30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestKilledBetweenSteps kills the server after each step of the journey. What was
// pending is lost, and can be begun again; what was done stays done; who was signed in
// still is, and nobody else.
func TestKilledBetweenSteps(t *testing.T) {
	t.Parallel()
	m := newMortal(t)
	m.do(401, "verify_email", "POST", "/auth/signup", person)
	m.die()
	m.do(410, "", "GET", "/auth/session", nil)
	m.do(401, "", "GET", "/auth/session", nil)

	letters := m.post.count(person["email"])
	m.do(401, "verify_email", "POST", "/auth/login", person)
	key := m.post.key(person["email"], letters)
	m.die()
	m.do(410, "", "GET", "/auth/session", nil)
	m.do(401, "", "POST", "/auth/email/verify", map[string]string{"key": key})
	m.die()
	m.do(400, "", "POST", "/auth/email/verify", map[string]string{"key": key})
	m.do(200, "", "POST", "/auth/login", person)
	m.die()
	m.do(200, "", "GET", "/auth/session", nil)

	secret := m.do(404, "", "GET", "/account/authenticators/totp", nil).secret
	m.die()
	m.do(400, "", "POST", "/account/authenticators/totp", code(totpOf(t, secret)))
	m.do(200, "", "POST", "/auth/reauthenticate", person)
	secret = m.do(404, "", "GET", "/account/authenticators/totp", nil).secret
	m.do(200, "", "POST", "/account/authenticators/totp", code(totpOf(t, secret)))
	m.die()
	m.do(200, "", "GET", "/account/authenticators/totp", nil)
	recovery := m.do(200, "", "GET", "/account/authenticators/recovery-codes", nil).codes
	m.die()

	ended := m.token
	m.do(401, "", "DELETE", "/auth/session", nil)
	m.die()
	m.token = ended
	m.do(410, "", "GET", "/auth/session", nil)

	m.do(401, "mfa_authenticate", "POST", "/auth/login", person)
	m.die()
	m.do(410, "", "POST", "/auth/2fa/authenticate", code(totpOf(t, secret)))
	m.do(401, "mfa_authenticate", "POST", "/auth/login", person)
	used := nextOf(t, secret)
	m.do(200, "", "POST", "/auth/2fa/authenticate", code(used))
	m.die()
	m.do(200, "", "GET", "/auth/session", nil)

	m.token = ""
	m.do(401, "mfa_authenticate", "POST", "/auth/login", person)
	m.do(400, "", "POST", "/auth/2fa/authenticate", code(used))
	m.do(200, "", "POST", "/auth/2fa/authenticate", code(recovery[0]))
	m.die()
	m.do(200, "", "GET", "/auth/session", nil)
	m.token = ""
	m.do(401, "mfa_authenticate", "POST", "/auth/login", person)
	m.do(400, "", "POST", "/auth/2fa/authenticate", code(recovery[0]))
	m.do(200, "", "POST", "/auth/2fa/authenticate", code(recovery[1]))
	if n := m.count(`SELECT count(*) FROM accounts`); n != 1 {
		t.Errorf("%d accounts, want 1", n)
	}
}

// TestKilledWithinSteps kills the server while a step is under way, a little later each
// time. The client was told or it was not; what it was told is true, and what it was not
// told hurts nobody.
func TestKilledWithinSteps(t *testing.T) {
	t.Parallel()
	m := newMortal(t)
	interrupted := func(i int, token, path string, body any) (result, string) {
		type answer struct {
			result
			token string
		}
		got := make(chan answer, 1)
		go func() {
			r, tok := m.ask(token, "POST", path, body)
			got <- answer{r, tok}
		}()
		time.Sleep(time.Duration(i*i) * 300 * time.Microsecond)
		m.die()
		a := <-got
		return a.result, a.token
	}
	for i := range 6 {
		body := map[string]string{"email": fmt.Sprintf("person%d@example.com", i), "password": person["password"]}
		told, _ := interrupted(i, "", "/auth/signup", body)
		r, _ := m.ask("", "POST", "/auth/login", body)
		made := r.status == 401 && r.pending == "verify_email"
		if !made && (r.status != 400 || told.status != 0) {
			t.Errorf("a sign-up that was answered %d %s: the login is %d %s", told.status, told.raw, r.status, r.raw)
		}
	}

	m.token = ""
	letters := m.post.count(person["email"])
	m.do(401, "verify_email", "POST", "/auth/signup", person)
	m.do(401, "", "POST", "/auth/email/verify", map[string]string{"key": m.post.key(person["email"], letters)})
	m.do(200, "", "POST", "/auth/login", person)
	m.do(200, "", "POST", "/auth/reauthenticate", person)
	secret := m.do(404, "", "GET", "/account/authenticators/totp", nil).secret
	m.do(200, "", "POST", "/account/authenticators/totp", code(totpOf(t, secret)))
	recovery := m.do(200, "", "GET", "/account/authenticators/recovery-codes", nil).codes
	for i := range 6 {
		m.token = ""
		m.do(401, "mfa_authenticate", "POST", "/auth/login", person)
		waiting := m.token
		before := m.count(`SELECT count(*) FROM sessions`)
		told, token := interrupted(i, waiting, "/auth/2fa/authenticate", code(recovery[i]))
		if r, _ := m.ask(waiting, "GET", "/auth/session", nil); r.status != 410 {
			t.Errorf("the token of a run that is lost: %d %s", r.status, r.raw)
		}
		if token != "" {
			if r, _ := m.ask(token, "GET", "/auth/session", nil); r.status != 200 {
				t.Errorf("signed in with %d, and then not: %d %s", told.status, r.status, r.raw)
			}
		}
		if n := m.count(`SELECT count(*) FROM sessions`) - before; n > 1 || (token != "" && n != 1) {
			t.Errorf("%d sessions by one step that was answered %d", n, told.status)
		}
		// Spent or not, the code signs in once at most.
		m.token = ""
		m.do(401, "mfa_authenticate", "POST", "/auth/login", person)
		if r, _ := m.ask(m.token, "POST", "/auth/2fa/authenticate", code(recovery[i])); token != "" && r.status != 400 {
			t.Errorf("a recovery code that signed in before: %d %s", r.status, strings.TrimSpace(r.raw))
		}
	}
}
