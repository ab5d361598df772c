package stand_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
	"stagedoor/transport/server"
)

const profiles = "../../../testdata/profiles"

// worldOf starts the server of a story that has one step.
func worldOf(t *testing.T, c stand.Config, head string) (*player.World, error) {
	t.Helper()
	s, err := player.Parse([]byte("proves: x\n" + head + "steps: [{req: GET /config}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	s.Name, s.File = "story", "story.yaml"
	w, err := stand.New(c)(t.Context(), s, player.App)
	if err == nil {
		t.Cleanup(func() {
			if err := w.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	return w, err
}

// TestWorld has the clock of the story and nobody else's, and the fingerprints of the
// flows that the configuration makes.
func TestWorld(t *testing.T) {
	w, err := worldOf(t, stand.Config{Profiles: profiles}, "")
	if err != nil {
		t.Fatal(err)
	}
	began := w.Now()
	if want := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC); !began.Equal(want) {
		t.Errorf("the clock stands at %v", began)
	}
	if err := w.Pass(t.Context(), time.Hour); err != nil || w.Now().Sub(began) != time.Hour {
		t.Errorf("an hour was %v, %v", w.Now().Sub(began), err)
	}
	if w.Prints["login"] == "" || w.Prints["login_by_code"] != "" || w.Origin != "http://localhost:8080" {
		t.Errorf("prints %v, origin %s", w.Prints, w.Origin)
	}
	again, err := worldOf(t, stand.Config{Profiles: profiles}, "clients: [app]\n")
	if err != nil || again.Seed != w.Seed {
		t.Errorf("the same story has another seed: %v", err)
	}
}

// TestConfigOfStory lays a story's own settings over its profile, and refuses those that
// a server would.
func TestConfigOfStory(t *testing.T) {
	w, err := worldOf(t, stand.Config{Profiles: profiles}, "config: {account: {login_by_code_enabled: true}}\n")
	if err != nil || w.Prints["login_by_code"] == "" {
		t.Errorf("login by code is not there: %v", err)
	}
	_, err = worldOf(t, stand.Config{Profiles: profiles}, "profile: codes\nconfig: {account: {login_by_cod: true, email_verification: maybe}}\n")
	for _, want := range []string{"profile codes with the story's config", "account.login_by_cod", "account.email_verification"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a faulty configuration: %v, want %s", err, want)
		}
	}
}

// TestChange gives a program the last word, and tells what it breaks.
func TestChange(t *testing.T) {
	change := func(c *config.Config, _ *server.Options) { c.Account.LoginByCodeEnabled = true }
	if w, err := worldOf(t, stand.Config{Profiles: profiles, Change: change}, ""); err != nil || w.Prints["login_by_code"] == "" {
		t.Errorf("the change is lost: %v", err)
	}
	change = func(c *config.Config, _ *server.Options) { c.Account.LoginMethods = nil }
	if _, err := worldOf(t, stand.Config{Profiles: profiles, Change: change}, ""); err == nil || !strings.Contains(err.Error(), "account.login_methods") {
		t.Errorf("a faulty change: %v", err)
	}
}

// TestProfileIsFound beside the folders that a story is in, and its absence told.
func TestProfileIsFound(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "flows", "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	whole, err := filepath.Abs(profiles)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(whole, filepath.Join(dir, "profiles")); err != nil {
		t.Skip("no symbolic links here")
	}
	file := filepath.Join(dir, "flows", "deep", "s.yaml")
	if err := os.WriteFile(file, []byte("proves: x\nclients: [app]\nsteps: [{req: GET /config, want: 200}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stories, err := player.LoadPaths(file)
	if err != nil {
		t.Fatal(err)
	}
	if r := player.Run(t.Context(), player.Plays(stories)[0], stand.New(stand.Config{})); !r.Passed {
		t.Errorf("it departs: %s", said(r))
	}
	_, err = worldOf(t, stand.Config{Profiles: dir}, "")
	if err == nil || !strings.Contains(err.Error(), "there is no default.yaml in "+dir) {
		t.Errorf("no profile: %v", err)
	}
}

// TestNothingIsLeft of a play once it is over, or could not begin.
func TestNothingIsLeft(t *testing.T) {
	count := func() int {
		n := 0
		for _, dir := range []string{"/dev/shm", os.TempDir()} {
			found, err := filepath.Glob(filepath.Join(dir, "stagedoor-replay-*", "mine-*"))
			if err != nil {
				t.Fatal(err)
			}
			n += len(found)
		}
		return n
	}
	mark := func(c *config.Config, _ *server.Options) {
		if err := os.WriteFile(filepath.Join(filepath.Dir(c.DataDir), "mine-"+t.Name()), nil, 0o600); err != nil {
			t.Error(err)
		}
	}
	s, err := player.Parse([]byte("proves: x\nclients: [app]\nsteps: [{req: GET /config}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	play := player.Plays([]*player.Story{s})[0]
	var during int
	inner := stand.New(stand.Config{Profiles: profiles, Change: mark})
	r := player.Run(t.Context(), play, func(ctx context.Context, s *player.Story, client string) (*player.World, error) {
		w, err := inner(ctx, s, client)
		during = count()
		return w, err
	})
	if !r.Passed || during != 1 || count() != 0 {
		t.Errorf("passed %v; %d folders during the play, %d after it", r.Passed, during, count())
	}
	broken := stand.New(stand.Config{Profiles: profiles, Change: func(c *config.Config, o *server.Options) {
		mark(c, o)
		c.Listen = ""
	}})
	if r := player.Run(t.Context(), play, broken); r.Passed || count() != 0 {
		t.Errorf("a server that does not start: passed %v, %d folders left", r.Passed, count())
	}
}

// TestTimePassesForTheStores: a run that waits is gone when its time is over, wherever it
// is kept, and codes lapse.
func TestTimePassesForTheStores(t *testing.T) {
	r := playOf(t, `proves: A login waits a quarter of an hour and no longer.
clients: [app]
given: {totp: true}
steps:
  - {req: POST /auth/login, body: {email: "{{email}}", password: "{{password}}"}, want: 401, pending: mfa_authenticate}
  - {advance: 14m}
  - {req: GET /auth/session, want: 401, pending: mfa_authenticate}
  - {advance: 2m}
  - {req: GET /auth/session, want: 401, pending: none}
  - {advance: 2h}
  - {req: GET /auth/session, want: 410}
`, stand.New(stand.Config{Profiles: profiles}))
	if !r.Passed {
		t.Error(said(r))
	}
}

// TestGivenPeople signs in with everything an account can be given.
func TestGivenPeople(t *testing.T) {
	r := playOf(t, `proves: What is given is there.
clients: [app]
profile: codes
given:
  - {recovery_codes: true, totp: true}
  - {passkey: key}
  - {security_key: touch, email: bob@example.org}
  - {provider: {mock: "{{sub}}"}, password: none}
  - {disabled: true}
  - {verified: false}
steps:
  - {req: POST /auth/login, body: {email: "{{email}}", password: "{{password}}"}, want: 401, pending: mfa_authenticate}
  - {req: POST /auth/2fa/authenticate, body: {code: "{{recovery_codes.4}}"}, want: 200}
  - {req: GET /auth/webauthn/login, as: two, want: 200}
  - {req: POST /auth/webauthn/login, as: two, body: {credential: "{{passkey_get key}}"}, want: 200, answer: {data: {user: {id: "{{user_id2}}"}}}}
  - {req: POST /auth/login, as: three, body: {email: bob@example.org, password: "{{password3}}"}, want: 401, pending: mfa_authenticate}
  - {req: GET /auth/webauthn/authenticate, as: three, want: 200}
  - {req: POST /auth/webauthn/authenticate, as: three, body: {credential: "{{passkey_get touch}}"}, want: 200}
  - req: POST /auth/provider/token
    as: four
    body: {provider: mock, process: login, token: {client_id: client, id_token: "{{id_token sub=sub email=email4 email_verified=true}}"}}
    want: 200
    answer: {data: {user: {has_usable_password: false}}}
  - {req: POST /auth/login, as: five, body: {email: "{{email5}}", password: "{{password5}}"}, want: 400, errors: ["password:email_password_mismatch"]}
  - {req: POST /auth/login, as: six, body: {email: "{{email6}}", password: "{{password6}}"}, want: 401, pending: verify_email}
  - {mail: "{{email6}}", want: code}
  - {mail: "{{email5}}", want: none}
`, stand.New(stand.Config{Profiles: profiles}))
	if !r.Passed {
		t.Error(said(r))
	}
}
