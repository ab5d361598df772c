package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPagesOfItsOwn: where the server has pages, what no front end has leads to them.
func TestPagesOfItsOwn(t *testing.T) {
	c := sound()
	c.Serve.Pages, c.Headless.FrontendURLs = true, FrontendURLs{ConfirmEmail: "https://app.example.com/verify/{key}"}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	const own = "https://auth.example.com/account/"
	want := FrontendURLs{
		ConfirmEmail: "https://app.example.com/verify/{key}", ResetPassword: own + "password/reset", ResetPasswordFromKey: own + "password/reset/key/{key}",
		Signup: own + "signup", ProviderError: own + "provider/callback", Disown: own + "not-me?key={key}",
	}
	if diff := cmp.Diff(want, c.Pages()); diff != "" {
		t.Error(diff)
	}
	if got := c.PagesTitle(); got != c.Issuer() {
		t.Errorf("the pages are called %q", got)
	}
	c.Hosted.Title = "Acme"
	if got := c.PagesTitle(); got != "Acme" {
		t.Errorf("the pages are called %q", got)
	}
}

func TestFaultsOfHosted(t *testing.T) {
	after := func(to string) func(*Config) { return func(c *Config) { c.Hosted.AfterLogin = to } }
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Serve.Pages, c.Serve.Headless = true, false },
			`serve.pages: they are a browser client of the headless contract; switch serve.headless on, with browser among headless.clients`},
		{func(c *Config) { c.Serve.Pages, c.Headless.Clients = true, []string{"app"} },
			`serve.pages: they are a browser client of the headless contract; switch serve.headless on, with browser among headless.clients`},
		{func(c *Config) { c.Hosted.Title = "two\nlines" }, `pages.title: not a line of at most 60 characters (got "two\nlines"); it stands at the top of every page`},
		{after("home"), `pages.after_login: not an http or https URL or a path (got "home"); such as https://app.example.com/home`},
		{after("//evil.example/"), `pages.after_login: not an http or https URL or a path (got "//evil.example/"); such as https://app.example.com/home`},
		{after("javascript:alert(1)"), `pages.after_login: not an http or https URL or a path (got "javascript:alert(1)"); such as https://app.example.com/home`},
		{after(`/\evil.example`), `pages.after_login: not an http or https URL or a path (got "/\\evil.example"); such as https://app.example.com/home`},
		{after("https://evil.example/"), `pages.after_login: of an origin that is not trusted (got "https://evil.example/"); add https://evil.example to csrf_trusted_origins`},
	})
	c := sound()
	for _, to := range []string{"", "/home", "/", "https://auth.example.com/x", "https://app.example.com/home?x=1"} {
		c.Hosted.AfterLogin, c.CSRFTrustedOrigins = to, []string{"https://app.example.com"}
		if err := c.Validate(); err != nil {
			t.Errorf("%q: %v", to, err)
		}
	}
}

// TestTheme reads files that are sound, and says of others what is wrong.
func TestTheme(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keys := []string{"login.title", "login.button"}
	var c Config
	if got, err := c.Theme(keys); err != nil || cmp.Diff(Theme{}, got) != "" {
		t.Errorf("without files: %+v, %v", got, err)
	}
	c.Hosted = Hosted{
		Logo: file("logo.svg", `<svg xmlns="http://www.w3.org/2000/svg"/>`), CSS: file("a.css", ":root { --accent: #083; }"),
		Texts: file("a.yaml", "login.title: Welcome\nstep.acme.terms.title: Our terms\nfield.accept: I accept\nerror.incorrect_code: Wrong\n"),
	}
	got, err := c.Theme(keys)
	want := Theme{
		Logo: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), LogoType: "svg", CSS: []byte(":root { --accent: #083; }"),
		Texts: map[string]string{"login.title": "Welcome", "step.acme.terms.title": "Our terms", "field.accept": "I accept", "error.incorrect_code": "Wrong"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	c.Hosted = Hosted{Logo: file("logo.PNG", "\x89PNG\r\n\x1a\nrest"), Texts: file("a.json", `{"login.button": "Go"}`)}
	if got, err := c.Theme(keys); err != nil || got.LogoType != "png" || got.Texts["login.button"] != "Go" {
		t.Errorf("%+v, %v", got, err)
	}

	for _, bad := range []struct {
		hosted Hosted
		want   string
	}{
		{Hosted{Logo: filepath.Join(dir, "none.svg")}, "pages.logo: cannot be read"},
		{Hosted{Logo: dir}, "pages.logo: not a file"},
		{Hosted{Logo: file("empty.svg", "")}, "the file has 0 bytes"},
		{Hosted{Logo: file("large.svg", "<svg>"+strings.Repeat(" ", maxLogo))}, "from 1 to 65536 it may have"},
		{Hosted{Logo: file("b.svg", "hello")}, "pages.logo: not an SVG or PNG picture"},
		{Hosted{Logo: file("c.png", "<svg/>")}, "pages.logo: not an SVG or PNG picture"},
		{Hosted{Logo: file("d.gif", "GIF89a")}, "pages.logo: not an SVG or PNG picture"},
		{Hosted{CSS: file("b.css", "@import 'x.css';")}, "pages.css: asks for other files"},
		{Hosted{CSS: file("c.css", "a{background:URL(https://evil.example)}")}, "pages.css: asks for other files"},
		{Hosted{CSS: file("d.css", "\xff\xfe")}, "pages.css: not a stylesheet"},
		{Hosted{Texts: file("b.yaml", "- a list")}, "pages.texts: not a YAML or JSON file"},
		{Hosted{Texts: file("c.yaml", "login.titel: x")}, `pages.texts: has a key that there is not (got "login.titel"); did you mean login.title`},
		{Hosted{Texts: file("d.yaml", "zzz: x")}, "app/texts.js of the package transport/internal/pages has them all"},
	} {
		c.Hosted = bad.hosted
		got, err := c.Theme(keys)
		if err == nil || !strings.Contains(err.Error(), bad.want) || !bytes.Equal(got.Logo, nil) {
			t.Errorf("%+v: %v, want %q", bad.hosted, err, bad.want)
		}
	}
	c.Hosted = Hosted{Logo: dir, CSS: dir, Texts: dir}
	if _, err := c.Theme(keys); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want three faults together: %v", err)
	}
}
