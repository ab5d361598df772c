package pages_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestReadmePages starts a server on what the README says about the app.
func TestReadmePages(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, _ := strings.Cut(string(readme), "## Pages of its own\n")
	chapter, _, found := strings.Cut(chapter, "\n## ")
	blocks := regexp.MustCompile("(?s)```[a-z]+\n(.*?)```").FindAllStringSubmatch(chapter, -1)
	if !found || len(blocks) != 3 {
		t.Fatalf("the chapter has %d blocks", len(blocks))
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"theme/logo.svg": "<svg/>", "theme/theme.css": blocks[1][1], "theme/texts.yaml": blocks[2][1]} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said struct {
		Serve  struct{ Pages bool }
		Pages  map[string]string
		Trusts []string `yaml:"csrf_trusted_origins"`
	}
	if err := yaml.Unmarshal([]byte(blocks[0][1]), &said); err != nil {
		t.Fatal(err)
	}
	l := suite.NewLab(t, suite.Hosted, func(c *config.Config, _ *server.Options) {
		c.Serve.Pages, c.CSRFTrustedOrigins = said.Serve.Pages, said.Trusts
		p := said.Pages
		c.Hosted = config.Hosted{Title: p["title"], Logo: p["logo"], CSS: p["css"], Texts: p["texts"], AfterLogin: p["after_login"]}
	})
	d := data(t, l.Get("GET", l.Host(), "/account/login?next=https://app.example.com/cart", ""))
	if d.Title != "Example" || d.Next != "https://app.example.com/cart" || d.AfterLogin != "https://app.example.com/" || d.Texts["login.title"] != "Welcome back" {
		t.Errorf("the page has %+v", d)
	}
	if len(said.Pages) != 5 {
		t.Errorf("the README says %v of the section", said.Pages)
	}
	css, err := os.ReadFile("theme/theme.css")
	if err != nil {
		t.Fatal(err)
	}
	own := l.Get("GET", l.Host(), strings.TrimSuffix(base(l), "/")+"/app.css", "").Body.String()
	for _, m := range regexp.MustCompile(`--[a-z-]+`).FindAllString(string(css), -1) {
		if !strings.Contains(own, m+":") {
			t.Errorf("the app has no variable %s", m)
		}
	}
}

// base is where the assets are.
func base(l *suite.Lab) string {
	return regexp.MustCompile(`data-app="([^"]+)"`).FindStringSubmatch(l.Get("GET", l.Host(), "/", "").Body.String())[1]
}
