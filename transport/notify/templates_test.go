package notify

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"stagedoor/state"
)

// testSite is a site with a name and pages that are hard to mistake for a code.
func testSite() Site {
	return Site{
		Name: "Acme", URL: "https://www.acme.example", SubjectPrefix: "[Acme] ",
		LoginURL: "https://www.acme.example/login", SignUpURL: "https://www.acme.example/signup",
		ResetURL: "https://www.acme.example/password/reset",
	}
}

func testTemplates(t testing.TB, site Site) *Templates {
	t.Helper()
	ts, err := NewTemplates(site)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

const (
	testCode = "K7QM-3XPA"
	testKey  = "Mzk:1w2AbC:4fGh_7-kLmNoPqRs"
	testURL  = "https://www.acme.example/account/verify-email/" + testKey
)

// message is a message of a template as the contract fills it.
func message[T ~string](template T) state.Message {
	e := catalogue()[state.Template(template)]
	m := state.Message{Channel: e.channel, Template: state.Template(template), To: "john@example.org", Data: map[string]string{
		"user": "John", "at": "2026-11-23T18:20:00Z", "ip": "203.0.113.7", "user_agent": "Firefox/145.0",
		"provider": "GitHub", "name": "Blue key", "from_email": "john@example.org", "to_email": "new@example.org", "expires_in": "900",
	}}
	if e.channel == state.BySMS {
		m.To = "+491701234567"
	}
	switch e.kind {
	case withCode:
		m.Data["code"] = testCode
	case withLink:
		m.Data["url"], m.Data["key"] = testURL, testKey
	}
	return m
}

var (
	codeAlone = regexp.MustCompile(`(?m)^[ \t]*([A-Z0-9]{3,}|[A-Z0-9]{2,}(?:-[A-Z0-9]{2,})+)[ \t]*\r?$`)
	linkAlone = regexp.MustCompile(`(?m)^([a-z]+://\S+)$`)
	anyLink   = regexp.MustCompile(`https?://[^\s<>"']+`)
	longKey   = regexp.MustCompile(`^[A-Za-z0-9:_.%-]{16,}$`)
)

// codesIn finds what a program that reads mail takes for a code: alone on a line.
func codesIn(text string) []string {
	var codes []string
	for _, m := range codeAlone.FindAllStringSubmatch(text, -1) {
		codes = append(codes, m[1])
	}
	return codes
}

// keysIn finds what such a program takes for a key: a long part with a digit, of a link.
func keysIn(text string) []string {
	var keys []string
	for _, l := range anyLink.FindAllString(text, -1) {
		_, rest, _ := strings.Cut(l, "://")
		for _, part := range strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("/?&=", r) })[1:] {
			if longKey.MatchString(part) && strings.ContainsAny(part, "0123456789") {
				keys = append(keys, part)
			}
		}
	}
	return keys
}

func TestProgramsFindTheCodeOrTheKey(t *testing.T) {
	// A site's name in capitals must not be taken for a code.
	site := testSite()
	site.Name = "ACME24"
	ts := testTemplates(t, site)
	for name, e := range catalogue() {
		t.Run(string(name), func(t *testing.T) {
			r, err := ts.Render(message(name))
			if err != nil {
				t.Fatal(err)
			}
			codes, keys, links := codesIn(r.Text), keysIn(r.Text), linkAlone.FindAllString(r.Text, -1)
			switch e.kind {
			case withCode:
				if fmt.Sprint(codes) != fmt.Sprint([]string{testCode}) || len(keys) != 0 {
					t.Errorf("codes %q, keys %q in\n%s", codes, keys, r.Text)
				}
			case withLink:
				if len(codes) != 0 || fmt.Sprint(keys) != fmt.Sprint([]string{testKey}) {
					t.Errorf("codes %q, keys %q in\n%s", codes, keys, r.Text)
				}
				if len(links) == 0 || links[0] != testURL {
					t.Errorf("links alone on a line: %q", links)
				}
			default:
				if len(codes) != 0 || len(keys) != 0 {
					t.Errorf("a notice with codes %q, keys %q:\n%s", codes, keys, r.Text)
				}
			}
		})
	}
}

func TestEveryMessageIsWhole(t *testing.T) {
	ts := testTemplates(t, testSite())
	for name, e := range catalogue() {
		t.Run(string(name), func(t *testing.T) {
			m := message(name)
			r, err := ts.Render(m)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(r.Text, "Acme") {
				t.Error("does not say from which site it comes")
			}
			if strings.Contains(r.Text, "\n\n\n") || strings.Contains(r.Text, " \n") || strings.Contains(r.Text, "<no value>") {
				t.Errorf("untidy:\n%q", r.Text)
			}
			if e.channel == state.BySMS {
				if r.Subject != "" || r.HTML != "" || len(r.Text) > 160 {
					t.Errorf("a text message has words only, 160 at most: %+v", r)
				}
				return
			}
			if !strings.HasPrefix(r.Subject, "[Acme] ") || len(r.Subject) < 15 {
				t.Errorf("subject %q", r.Subject)
			}
			if strings.Contains(r.Subject, testCode) || strings.Contains(r.Subject, testKey) {
				t.Errorf("subject %q shows a secret on a locked screen", r.Subject)
			}
			for _, want := range []string{"<!doctype html>", "</html>", "viewport", "john@example.org", m.Data["code"], m.Data["url"]} {
				if !strings.Contains(r.HTML, want) {
					t.Errorf("page has no %q", want)
				}
			}
			for _, bad := range []string{"<img", "<script", "<style", "ZgotmplZ"} {
				if strings.Contains(r.HTML, bad) {
					t.Errorf("page has %s", bad)
				}
			}
			balanced(t, r.HTML)
		})
	}
}

// balanced checks that every element of a page that has an end is ended, in order.
func balanced(t *testing.T, page string) {
	t.Helper()
	var open []string
	for _, tag := range regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*>`).FindAllStringSubmatch(page, -1) {
		switch {
		case tag[2] == "meta" || tag[2] == "br":
		case tag[1] == "":
			open = append(open, tag[2])
		case len(open) == 0 || open[len(open)-1] != tag[2]:
			t.Fatalf("</%s> ends %q", tag[2], open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) != 0 {
		t.Errorf("not ended: %q", open)
	}
}

func TestNoTwoSayTheSame(t *testing.T) {
	ts := testTemplates(t, testSite())
	seen := map[string]string{}
	for _, name := range state.Templates() {
		r, err := ts.Render(message(name))
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[r.Text]; ok {
			t.Errorf("%s and %s say the same", name, other)
		}
		seen[r.Text] = string(name)
	}
}

func TestNothingIsNeeded(t *testing.T) {
	for _, site := range []Site{testSite(), {Name: "Acme"}} {
		ts := testTemplates(t, site)
		for name, e := range catalogue() {
			for _, data := range []map[string]string{nil, {}, {"unheard": "of"}} {
				r, err := ts.Render(state.Message{Channel: e.channel, Template: name, Data: data})
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if len(codesIn(r.Text)) != 0 || len(keysIn(r.Text)) != 0 {
					t.Errorf("%s without data has a code or key:\n%s", name, r.Text)
				}
				if strings.Contains(r.HTML, `href=""`) {
					t.Errorf("%s without data has an empty link", name)
				}
			}
		}
	}
}

func TestCodesAreBoundToTheSite(t *testing.T) {
	for url, want := range map[string]string{
		"https://www.acme.example":      "\n\n@www.acme.example #" + testCode,
		"https://www.acme.example:8443": "\n\n@www.acme.example #" + testCode,
		"http://localhost:3000":         "",
		"https://203.0.113.7":           "",
		"https://[2001:db8::1]":         "",
		"":                              "",
	} {
		ts := testTemplates(t, Site{Name: "Acme", URL: url})
		r, err := ts.Render(message("phone_login_code"))
		if err != nil {
			t.Fatal(err)
		}
		_, last, _ := strings.Cut(r.Text, "Give it to nobody.")
		if last != want {
			t.Errorf("for %q the text ends in %q, want %q", url, last, want)
		}
	}
}

func TestRenderRefusesWhatItDoesNotKnow(t *testing.T) {
	ts := testTemplates(t, testSite())
	for _, m := range []state.Message{
		{Channel: state.ByMail, Template: "nonsense"},
		{Channel: state.ByMail, Template: "layout"},
		{Channel: state.ByMail, Template: ""},
		{Channel: state.BySMS, Template: "email_code"},
		{Channel: state.ByMail, Template: "phone_code"},
		{Channel: "pigeon", Template: "email_code"},
	} {
		if r, err := ts.Render(m); !errors.Is(err, ErrNoTemplate) || r != (Rendered{}) {
			t.Errorf("%+v: %+v, %v", m, r, err)
		}
	}
}

func TestSiteFaultsAreReportedTogether(t *testing.T) {
	ts, err := NewTemplates(Site{Name: " \n", URL: "www.acme.example", LoginURL: "javascript://x/", SignUpURL: "/signup", ResetURL: "https://ok.example"})
	if err == nil || ts != nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"name is empty", "site URL", "LoginURL", "SignUpURL"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "ResetURL") {
		t.Errorf("a good link is called a fault: %v", err)
	}
}

// TestWordsAreThere: each template of state has its files here, and each file belongs to a
// template.
func TestWordsAreThere(t *testing.T) {
	found, err := filepath.Glob("templates/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, missing := range missingFiles(state.Templates(), found) {
		t.Errorf("transport/notify/%s is missing: the words of a template that state/template.go names", missing)
	}
	for _, extra := range extraFiles(state.Templates(), found) {
		t.Errorf("transport/notify/%s belongs to no template of state/template.go", extra)
	}
}

// filesOf are the files of a template: its text, and the page of a mail.
func filesOf(name state.Template) []string {
	files := []string{"templates/" + string(name) + ".txt"}
	if name.Channel() == state.ByMail {
		files = append(files, "templates/"+string(name)+".html")
	}
	return files
}

func missingFiles(names []state.Template, found []string) []string {
	var out []string
	for _, name := range names {
		for _, file := range filesOf(name) {
			if !slices.Contains(found, file) {
				out = append(out, file)
			}
		}
	}
	return out
}

func extraFiles(names []state.Template, found []string) []string {
	known := []string{"templates/layout.txt", "templates/layout.html"}
	for _, name := range names {
		known = append(known, filesOf(name)...)
	}
	return slices.DeleteFunc(slices.Clone(found), func(file string) bool { return slices.Contains(known, file) })
}

// TestMissingWordsAreNamed: the test above says which file is not there.
func TestMissingWordsAreNamed(t *testing.T) {
	names := []state.Template{state.LoginCodeTemplate, state.PhoneCodeTemplate}
	found := []string{"templates/layout.txt", "templates/login_code.txt", "templates/phone_code.txt", "templates/phone_code.html"}
	if got := fmt.Sprint(missingFiles(names, found)); got != "[templates/login_code.html]" {
		t.Errorf("missing: %s", got)
	}
	if got := fmt.Sprint(extraFiles(names, found)); got != "[templates/phone_code.html]" {
		t.Errorf("extra: %s", got)
	}
}

func TestRenderIsSafeForManyAtOnce(t *testing.T) {
	ts := testTemplates(t, testSite())
	want, err := testTemplates(t, testSite()).Render(message("email_confirmation"))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for _, name := range state.Templates() {
				if _, err := ts.Render(message(name)); err != nil {
					t.Error(err)
				}
			}
			if got, err := ts.Render(message("email_confirmation")); err != nil || got != want {
				t.Errorf("not the same: %v", err)
			}
		})
	}
	wg.Wait()
}

// TestGolden compares a few messages with testdata; UPDATE=1 rewrites them.
func TestGolden(t *testing.T) {
	ts := testTemplates(t, testSite())
	for _, name := range []string{"email_confirmation", "login_code", "password_changed", "account_already_exists", "phone_code", "email_confirmation_signup", "email_code"} {
		m := message(name)
		if name == "email_confirmation_signup" || name == "email_code" {
			m.Data["disown_url"] = testDisown
		}
		r, err := ts.Render(m)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", "Subject: "+r.Subject+"\n\n"+r.Text)
		if name == "email_confirmation" || name == "login_code" || name == "email_confirmation_signup" {
			golden(t, name+".html", r.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed (UPDATE=1 takes it over):\n%s", name, got)
	}
}

func TestMaxAge(t *testing.T) {
	for name, e := range catalogue() {
		want := 24.0
		if e.kind == withCode {
			want = 0.25
		}
		if got := MaxAge(name).Hours(); got != want {
			t.Errorf("%s: %v h, want %v", name, got, want)
		}
	}
}
