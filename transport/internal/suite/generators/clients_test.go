package generators

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestTypeScript walks with clients of openapi-typescript and openapi-fetch.
func TestTypeScript(t *testing.T) {
	suite.Require(t, "generators")
	t.Parallel()
	p := suite.NewProject(t, projects+"/typescript")
	p.NPM()
	clients{p, "openapi-typescript"}.walk("tsc", "node out/%s.js")
}

// TestOapiCodegen walks with clients of oapi-codegen.
func TestOapiCodegen(t *testing.T) {
	suite.Require(t, "generators")
	t.Parallel()
	clients{suite.NewProject(t, projects+"/golang"), "oapi-codegen"}.walk("go vet ./oapicodegen", "go run ./oapicodegen %s")
}

// TestOgen walks with clients of ogen.
func TestOgen(t *testing.T) {
	suite.Require(t, "generators")
	t.Parallel()
	clients{suite.NewProject(t, projects+"/golang"), "ogen"}.walk("go vet ./ogen", "go run ./ogen %s")
}

// TestPython walks with clients of openapi-python-client.
func TestPython(t *testing.T) {
	suite.Require(t, "generators")
	t.Parallel()
	p := suite.NewProject(t, projects+"/python")
	p.Pip()
	clients{p, "openapi-python-client"}.walk("mypy --strict --follow-imports silent headless.py plain.py", "python3 %s.py")
}

// clients are those that a generator makes, by the command that the README has for it.
type clients struct {
	*suite.Project
	generator string
}

// walk generates clients of both contracts, compiles programs that use them and runs each:
// it takes an account from its sign-up to a session with a second factor.
func (c clients) walk(compile, program string) {
	c.T.Helper()
	l := suite.NewLab(c.T)
	headless := strings.ReplaceAll(c.command(), "http://localhost:8080", l.URL)
	c.Run(headless)
	c.Run(strings.NewReplacer("/_allauth/", "/auth/", "headless", "plain").Replace(headless))
	c.Run(compile)
	c.Env = append(c.Env, "SERVER="+l.URL, "DESK="+suite.NewDesk(c.T, l))
	for _, contract := range []string{"headless", "plain"} {
		email := contract + "@example.org"
		out := c.Run("EMAIL=" + email + " " + fmt.Sprintf(program, contract))
		if want := email + " is signed in by password mfa\n"; out != want {
			c.T.Errorf("the journey ends with %q, want %q", out, want)
		}
	}
}

// command is the line of the README that has the generator make a client.
func (c clients) command() string {
	c.T.Helper()
	readme, err := os.ReadFile(root + "/README.md")
	if err != nil {
		c.T.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ *(?:npx |go tool )?` + regexp.QuoteMeta(c.generator) + ` .*http://localhost:8080/_allauth/openapi\.yaml.*$`).Find(readme)
	if line == nil {
		c.T.Fatalf("the README has no line that generates a client with %s", c.generator)
	}
	return string(line)
}
