package replay_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"stagedoor/transport/config"
	"stagedoor/transport/replay"
	"stagedoor/transport/server"
)

const (
	profiles = "../../testdata/profiles"
	flows    = "../../testdata/flows"
)

// failing is a test that keeps what it would fail with.
type failing struct {
	*testing.T
	said []string
}

func (f *failing) Errorf(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

// folder is a folder with one story.
func folder(text string) fstest.MapFS { return fstest.MapFS{"s.yaml": {Data: []byte(text)}} }

// TestCheck is how a program plays stories of its own. It fails a test with the story that
// departs, and with files that have faults.
func TestCheck(t *testing.T) {
	replay.Check(t, replay.InProcess(profiles, nil), os.DirFS(flows), "login")
	for text, want := range map[string]string{
		"proves: All is well.\nsteps: [{req: GET /config, want: 200}]\n":                "",
		"proves: Nothing is.\nclients: [app]\nsteps: [{req: GET /config, want: 404}]\n": "Nothing is.",
		"steps: []\n": "s.yaml:1: the first line must say",
		"proves: The setting is not there.\nconfig: {account: {colour: red}}\nsteps: [{req: GET /x}]\n": "account.colour",
	} {
		f := &failing{T: t}
		replay.Check(f, replay.InProcess(profiles, nil), folder(text))
		if got := strings.Join(f.said, "\n"); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: said %q, want %q", text, got, want)
		}
	}
}

// TestRun hands results on in the order of the plays, which know their stories.
func TestRun(t *testing.T) {
	plays, err := replay.Load(folder("proves: x\nname: one\nprofile: codes\ntags: [a]\nclients: [app, browser]\nsteps: [{req: GET /config, want: \"{{word}}\"}]\n"))
	if err != nil || len(plays) != 2 {
		t.Fatal(plays, err)
	}
	if p := plays[1]; p.Name() != "one [browser]" || p.Story != "one" || p.File != "s.yaml" || p.Client != replay.Browser || p.Profile != "codes" || p.Tags[0] != "a" {
		t.Errorf("%+v", p)
	}
	var results []replay.Result
	replay.Run(t.Context(), plays, replay.InProcess(profiles, nil), 2, func(r replay.Result) { results = append(results, r) })
	if results[0].Play.Client != replay.App || results[1].Play.Client != replay.Browser || !strings.Contains(results[1].String(), "one [browser]") {
		t.Errorf("in another order: %v", results)
	}
	var text bytes.Buffer
	if err := replay.WriteJSON(&text, results); err != nil || !json.Valid(text.Bytes()) {
		t.Errorf("%v: %s", err, &text)
	}
	line, failed := replay.Summary(results)
	if want := fmt.Sprintf("%d passed, %d failed", 2-failed, failed); line != want {
		t.Errorf("%s, want %s", line, want)
	}
}

// TestBehind plays against a running server, skips what such a server cannot play, and
// names the address that cannot be listened on.
func TestBehind(t *testing.T) {
	c := config.Dev()
	c.DataDir = t.TempDir()
	s, err := server.Open(t.Context(), c, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	base, err := url.Parse(web.URL)
	if err != nil {
		t.Fatal(err)
	}
	on := replay.Servers{Base: map[string]*url.URL{"default": base}, SMTP: "127.0.0.1:0", HTTP: "127.0.0.1:0", OIDC: "127.0.0.1:0"}
	target, err := replay.Behind(t.Context(), on)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	for text, skipped := range map[string]string{
		"steps: [{req: GET /config, want: 200}]":                       "",
		"steps: [{req: GET /config}, {advance: 2h}]":                   "it lets 2h0m0s pass",
		"steps: [{req: GET /config}]\nprofile: codes":                  "for profile codes",
		"steps: [{req: GET /config}]\nconfig: {mfa: {a: b}}":           "a config of its own",
		"steps: [{req: GET /config}]\ngiven: {email: a@b.example.org}": "accounts cannot be",
	} {
		plays, err := replay.Load(folder("proves: x\nclients: [app]\n" + text + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		replay.Run(t.Context(), plays, target, 1, func(r replay.Result) {
			if r.Passed != (skipped == "") || !strings.Contains(r.Skipped, skipped) {
				t.Errorf("%s: %s\nwant it skipped: %q", text, r, skipped)
			}
		})
	}
	on.HTTP = base.Host
	if _, err := replay.Behind(t.Context(), on); err == nil || !strings.HasPrefix(err.Error(), "http "+base.Host) {
		t.Errorf("the server's own address: %v", err)
	}
}
