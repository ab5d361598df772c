package generators

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestTypeScript walks with a client of openapi-typescript and openapi-fetch.
func TestTypeScript(t *testing.T) {
	required(t, "generators")
	t.Parallel()
	p := newProject(t, "typescript")
	p.npm()
	clients{p, "openapi-typescript"}.walk("tsc", "node out/headless.js")
}

// TestOapiCodegen walks with a client of oapi-codegen.
func TestOapiCodegen(t *testing.T) {
	required(t, "generators")
	t.Parallel()
	clients{newProject(t, "golang"), "oapi-codegen"}.walk("go vet ./oapicodegen", "go run ./oapicodegen")
}

// TestOgen walks with a client of ogen.
func TestOgen(t *testing.T) {
	required(t, "generators")
	t.Parallel()
	clients{newProject(t, "golang"), "ogen"}.walk("go vet ./ogen", "go run ./ogen")
}

// TestPython walks with a client of openapi-python-client.
func TestPython(t *testing.T) {
	required(t, "generators")
	t.Parallel()
	p := newProject(t, "python")
	p.pip()
	clients{p, "openapi-python-client"}.walk("mypy --strict --follow-imports silent headless.py", "python3 headless.py")
}

// clients are those that a generator makes, by the command that the README has for it.
type clients struct {
	*project
	generator string
}

// walk generates a client of the headless contract, compiles a program that uses it and
// runs that: it takes an account from its sign-up to a session with a second factor.
func (c clients) walk(compile, program string) {
	c.t.Helper()
	l := suite.NewLab(c.t)
	c.run(strings.ReplaceAll(c.command(), "http://localhost:8080", l.URL))
	c.run(compile)
	const email = "ann@example.org"
	c.env = append(c.env, "SERVER="+l.URL, "DESK="+newDesk(c.t, l), "EMAIL="+email)
	out := c.run(program)
	if want := email + " is signed in by password mfa\n"; out != want {
		c.t.Errorf("the journey ends with %q, want %q", out, want)
	}
}

// command is the line of the README that has the generator make a client.
func (c clients) command() string {
	c.t.Helper()
	readme, err := os.ReadFile(root + "/README.md")
	if err != nil {
		c.t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ *(?:npx |go tool )?` + regexp.QuoteMeta(c.generator) + ` .*http://localhost:8080/_allauth/openapi\.yaml.*$`).Find(readme)
	if line == nil {
		c.t.Fatalf("the README has no line that generates a client with %s", c.generator)
	}
	return string(line)
}
