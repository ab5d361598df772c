package record_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
	"stagedoor/transport/server"
)

// flows is where the stories are that are played to be recorded.
const flows = "../../../testdata/flows"

// recordAll plays the stories, those of this package by all clients and the others by one
// each, on servers that record, and returns the folder of what was recorded.
func recordAll(t *testing.T, stories []*player.Story) string {
	t.Helper()
	dir := t.TempDir()
	target := func(ctx context.Context, s *player.Story, client string) (*player.World, error) {
		own := filepath.Join(dir, strings.ReplaceAll(s.Name, "/", "-")+"-"+client)
		return stand.New(stand.Config{Profiles: "../../../testdata/profiles", Change: func(c *config.Config, _ *server.Options) {
			c.Record.Dir = own
		}})(ctx, s, client)
	}
	var plays []player.Play
	for i, s := range stories {
		if strings.HasPrefix(s.File, "testdata") {
			plays = append(plays, player.Plays([]*player.Story{s})...)
			continue
		}
		if i%sample > 0 && len(stories) > sample || together(s.File) {
			continue
		}
		plays = append(plays, player.Play{Story: s, Client: s.Clients[len(s.Name)%len(s.Clients)]})
	}
	player.RunAll(t.Context(), plays, target, runtime.GOMAXPROCS(0), func(r player.Result) {
		if !r.Passed && r.Skipped == "" {
			var story strings.Builder
			player.Printer{Out: &story}.Print(r)
			t.Errorf("departs while it is recorded: %s", &story)
		}
	})
	return dir
}

// together reports whether what a story is answered depends on more than what one client does
// after another: what limits refuse on its address, and what comes of requests at once.
func together(file string) bool {
	folder := filepath.Base(filepath.Dir(file))
	return folder == "limits" || folder == "concurrency" || folder == "races" || folder == "prehijack"
}

// beyond are plays of which no recorded story can lead to the same, and why.
func beyond() map[string]string {
	out := make(map[string]string)
	for name, why := range map[string]string{
		"email_verification-code_tried_by_looking": "tries are used up by requests that only look, which are no part of a story",
		"provider_redirect-no_address":             "a provider's word that leads to a form is nobody's yet, so that nothing is known of it",
		"signup-taken_strictly_hidden":             "another account verifies the address, in a story that has nothing else in common",
		"email-taken":                              "another account has verified the address, in a story that has nothing else in common",
		"provider_token-connect_after_a_sign_up":   "another account has verified the address, in a story that has nothing else in common",
		"webauthn-added_renamed_removed":           "authenticators are removed by ids of the server",
		"mfa_trust-ended_with_all_sessions":        "another device ends the sessions, in a story of its own",
		"provider_signup-long_texts":               "a provider's words are not kept, so that nobody knows how long they were",
		"reauthenticate-by_code_recipient_gone":    "another device changes the number, in a story of its own",
		"reauthenticate-by_code_not_sent_again":    "another device changes the number, in a story of its own",
		"rest-reauthenticate_by_provider":          "what a provider sends back over the plain contract comes with a token that is no session's",
		"password_reset-no_code_bad_password":      "what is wrong with a password that is not kept is known only in part",
		"password_reset-wrong_code_bad_password":   "what is wrong with a password that is not kept is known only in part",
		"sessions-another_account":                 "a password that is refused unread belongs to nobody the recorder knows",
	} {
		for _, client := range []string{"browser", "app", "rest"} {
			out[name+"-"+client] = why
		}
	}
	return out
}

// TestRecordedStoriesReplay records every story there is (sign-up by link and by code,
// log-in with every factor, resets, providers, all with wrong answers in between) and
// replays what was recorded: it passes, and leads to the same trail.
func TestRecordedStoriesReplay(t *testing.T) {
	stories, err := player.LoadPaths("testdata", flows)
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := player.LoadPaths(recordAll(t, stories))
	if err != nil {
		t.Fatal(err)
	}
	ended, past, departed := map[string]bool{}, beyond(), 0
	player.RunAll(t.Context(), player.Plays(recorded), stand.New(stand.Config{}), runtime.GOMAXPROCS(0), func(r player.Result) {
		folder := filepath.Base(filepath.Dir(r.Play.Story.File))
		if !r.Passed && past[folder] == "" {
			departed++
			var story strings.Builder
			player.Printer{Out: &story}.Print(r)
			t.Logf("%s", &story)
			if strings.Count(folder, "-") == 1 { // no folder but that of this package
				t.Errorf("%s departs", folder)
			}
		}
		for _, remark := range r.Remarks {
			t.Errorf("%s: %s", r.Play.Name(), remark)
		}
		for _, trail := range r.Play.Story.Trail {
			ended[trail.Flow+" "+trail.End] = true
		}
		mustBeClean(t, r.Play.Story.File)
	})
	// Stories that do something new may do what no recorder can know; few may, and a sample
	// may happen to have one more of them.
	if departed > 1+len(recorded)/50 {
		t.Errorf("%d of %d recorded stories depart", departed, len(recorded))
	}
	t.Logf("%d recorded stories, %d ways to end", len(recorded), len(ended))
	for _, want := range []string{
		"login session", "signup session", "login_by_code session", "password_reset_by_code password_set", "mfa_login_webauthn session",
		"mfa_signup_webauthn session", "provider_token session", "provider_redirect session", "email_confirmation verified", "reauthenticate reauthenticated",
	} {
		if !ended[want] && sample == 1 {
			t.Errorf("no recorded story has a run of %s", want)
		}
	}
}

// What the players of stories type, and what no recorded story may hold: addresses,
// numbers, passwords, names, codes, tokens and secrets. What stands for them is removed
// before: templates, the server's configuration and fingerprints.
var (
	templates = regexp.MustCompile(`\{\{[^}]*\}\}`)
	madeUp    = regexp.MustCompile(`\b[cuw][a-z0-9]{9,10}\b`)
	typed     = regexp.MustCompile(`@|\+\d|Pw-|sub-|\d{5}|[A-Za-z0-9_-]{30}|[A-Z0-9]{4}-[A-Z0-9]{4}|127\.0\.0\.1`)
)

// mustBeClean fails the test where a recorded story holds what somebody typed.
func mustBeClean(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("config:")) || bytes.HasPrefix(line, []byte("prints:")) {
			continue
		}
		bare := templates.ReplaceAll(line, nil)
		for _, word := range []string{"BCDF-GHJK", "8273645190", "password1", "mfa_signup_webauthn", "password_reset_by_code", "webauthn_reauthenticate", "cannot_generate_recovery_codes", "000000"} {
			bare = bytes.ReplaceAll(bare, []byte(word), nil)
		}
		for _, name := range madeUp.FindAll(bare, -1) {
			if bytes.ContainsAny(name, "0123456789") {
				t.Errorf("%s holds %q: %s", filepath.Base(file), name, line)
			}
		}
		if found := typed.Find(bare); found != nil && !bytes.HasPrefix(line, []byte("#")) {
			t.Errorf("%s holds %q: %s", filepath.Base(file), found, line)
		}
	}
}

// TestOlderGraph: a story that was recorded under another graph is told as one.
func TestOlderGraph(t *testing.T) {
	stories, err := player.LoadPaths(flows + "/login/totp.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(recordAll(t, stories), "*", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d stories, %v", len(files), err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`prints: \{login: [0-9a-f]+`).ReplaceAll(text, []byte("prints: {gone: 0badcafe, login: 12345678"))
	if err := os.WriteFile(files[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	old, err := player.LoadPaths(files[0])
	if err != nil {
		t.Fatal(err)
	}
	r := player.Run(t.Context(), player.Plays(old)[0], stand.New(stand.Config{}))
	said := strings.Join(r.Remarks, "\n")
	if !r.Passed || !strings.Contains(said, "recorded under an older graph: login was 12345678 and is ") || !strings.Contains(said, "there is no flow gone any more") {
		t.Errorf("passed %v, remarks:\n%s", r.Passed, said)
	}
}
