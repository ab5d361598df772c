package inspector_test

import (
	"encoding/json"
	"strings"
	"testing"

	"stagedoor/engine/explain"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// places are the two that an inspector has, with what opens them.
func places() map[string][]string {
	return map[string][]string{"/dev/": nil, "/admin/": {"Authorization", "Bearer " + suite.AdminToken}}
}

// ask asks the inspector of a lab.
func ask(l *suite.Lab, method, path, body string, headers []string) (status int, answer string) {
	l.T.Helper()
	w := l.Get(method, l.Host(), path, body, headers...)
	if w.Header().Get("Access-Control-Allow-Origin") != "" {
		l.T.Errorf("%s may be read by other websites", path)
	}
	return w.Code, w.Body.String()
}

// TestRuns: both places list the same runs, and tell each with its steps in sentences.
func TestRuns(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, suite.WithToken, suite.ByCode)
	l.Member("app", "ada@example.com")
	for base, headers := range places() {
		status, body := ask(l, "GET", base+"runs.json", "", headers)
		var list struct {
			Runs []struct {
				Run, Flow, Title, State, Node, Client string
				Story                                 bool
			}
			Flows  []struct{ ID, Title string }
			Trails bool
		}
		if err := json.Unmarshal([]byte(body), &list); err != nil || status != 200 || len(list.Runs) != 1 || !list.Trails {
			t.Fatalf("%s: %d %s", base, status, body)
		}
		r := list.Runs[0]
		if r.Flow != "signup" || r.Title == "" || r.State != "ended" || r.Node != "session" || r.Client != "app" || !r.Story {
			t.Errorf("%s: %+v", base, r)
		}
		if len(list.Flows) != len(l.Flows().All()) || list.Flows[0].Title == "" {
			t.Errorf("%s: %d flows", base, len(list.Flows))
		}
		status, body = ask(l, "GET", base+"runs/"+r.Run, "", headers)
		var one struct {
			explain.Explanation
			Says []string
		}
		if err := json.Unmarshal([]byte(body), &one); err != nil || status != 200 || len(one.Steps) == 0 || len(one.Says) != len(one.Steps) {
			t.Fatalf("%s: %d %s", base, status, body)
		}
		for n, step := range one.Steps {
			if one.Says[n] != step.String() {
				t.Errorf("%s: step %d says %q, not %q", base, n, one.Says[n], step)
			}
		}
		if status, _ := ask(l, "GET", base+"runs/none", "", headers); status != 404 {
			t.Errorf("%s: of a run that there is not: %d", base, status)
		}
	}
}

// TestPictureOfARun draws the way that it took, with the reasons, and bare for a page.
func TestPictureOfARun(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, suite.WithToken, suite.ByCode)
	l.Member("app", "ada@example.com")
	list, err := l.Explainer().Latest(t.Context(), 1)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %d runs", err, len(list))
	}
	at := "graph/signup.svg?run=" + list[0].Run
	for base, headers := range places() {
		_, plain := ask(l, "GET", base+"graph/signup.svg", "", headers)
		status, body := ask(l, "GET", base+at, "", headers)
		if status != 200 || !strings.Contains(body, "the run is here") || !strings.Contains(body, "draw-took") || strings.Contains(plain, "draw-took") {
			t.Errorf("%s: %d %.300s", base, status, body)
		}
		if !strings.Contains(body, "<style>") {
			t.Errorf("%s: the picture stands alone and has no style", base)
		}
		if _, bare := ask(l, "GET", base+at+"&bare", "", headers); strings.Contains(bare, "<style>") || strings.Contains(bare, "style=") {
			t.Errorf("%s: the bare picture has a style", base)
		}
		for path, want := range map[string]int{"graph/signup.svg?run=none": 404, "graph/none.svg": 404, "graph/signup.png": 404, "graph/signup.svg?wire=none": 404, "graph/signup.svg?wire=verify_email": 200} {
			if status, _ := ask(l, "GET", base+path, "", headers); status != want {
				t.Errorf("%s%s: %d, want %d", base, path, status, want)
			}
		}
	}
}

// TestCompare says what a text would change, as the command does, and tells faults line by line.
func TestCompare(t *testing.T) {
	l := suite.NewLab(t, suite.Development, suite.WithToken)
	text := "account: {email_verification: optional}\nmfa: {trust_enabled: true}\n"
	is, err := config.Over(l.Config, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want, err := server.Diff(l.Config, is, server.Options{})
	if err != nil || !want.Weaker() {
		t.Fatalf("%v: %v", err, want)
	}
	for base, headers := range places() {
		status, body := ask(l, "POST", base+"diff", text, headers)
		var got struct {
			Changes []struct{ Lean string }
			Text    string
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 || got.Text != want.String() || len(got.Changes) != len(want.Changes) || got.Changes[0].Lean != "weaker" {
			t.Errorf("%s: %d %s\nwant\n%s", base, status, body, want)
		}
		for text, want := range map[string]string{
			"mfa: {trust_enbled: true}\nacount: {}": `{"faults":["acount: unknown key; did you mean account","mfa.trust_enbled: unknown key; did you mean mfa.trust_enabled"]}`,
			"secret_key_file: /etc/passwd":          `secret_key_file: names a file, and none is read here`,
			"- a":                                   `text: holds something else`,
		} {
			if status, body := ask(l, "POST", base+"diff", text, headers); status != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: %q: %d %s", base, text, status, body)
			}
		}
		if status, _ := ask(l, "POST", base+"diff", strings.Repeat("#", 64<<10+1), headers); status != 413 {
			t.Errorf("%s: a text that is too long: %d", base, status)
		}
		if status, _ := ask(l, "GET", base+"diff", "", headers); status == 200 {
			t.Errorf("%s: GET is answered", base)
		}
	}
}

// TestCompareTellsNoSecret of the configuration that runs, nor of the text.
func TestCompareTellsNoSecret(t *testing.T) {
	l := suite.NewLab(t, suite.Development, suite.WithToken, func(c *config.Config, _ *server.Options) {
		c.SecretKey = "RUNS-RUNS-RUNS-RUNS-RUNS-RUNS-RUNS"
		c.SocialAccount.Providers = []config.Provider{{Provider: "github", ClientID: "c", Secret: "RUNS"}}
	})
	for _, text := range []string{
		"secret_key: TEXT-TEXT-TEXT-TEXT-TEXT-TEXT-TEXT-TEXT", "secret_key: TEXT", "admin: {token: [TEXT]}",
		"socialaccount: {providers: [{provider: github, client_id: c, secret: TEXT}]}", "database: {url: 'postgres://u:TEXT@h/d'}", "database: {url: 'TEXT'}",
	} {
		for base, headers := range places() {
			if _, body := ask(l, "POST", base+"diff", text, headers); strings.Contains(body, "RUNS") || strings.Contains(body, "TEXT") {
				t.Errorf("%s: %s tells %s", base, text, body)
			}
		}
	}
}

// TestWithoutTrails there are no runs, and it says why.
func TestWithoutTrails(t *testing.T) {
	l := suite.NewLab(t, suite.Development, func(c *config.Config, _ *server.Options) { c.Trails.KeepDays = 0 })
	if status, body := ask(l, "GET", "/dev/runs.json", "", nil); status != 200 || !strings.Contains(body, `"runs":[]`) || !strings.Contains(body, `"trails":false`) {
		t.Errorf("%d %s", status, body)
	}
	for _, path := range []string{"/dev/runs/x", "/dev/graph/login.svg?run=x"} {
		if status, _ := ask(l, "GET", path, "", nil); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
