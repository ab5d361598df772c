package resource

import (
	"bufio"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }

// examples are the programs.
const examples = "../../../../testdata/resource"

// api is an example that runs.
type api struct {
	t   *testing.T
	url string
}

// starter starts an example that takes the tokens of an issuer.
type starter func(t *testing.T, issuer string) *api

// TestExamples runs each example, beside the others.
func TestExamples(t *testing.T) {
	for name, install := range map[string]func(t *testing.T) (p *suite.Project, command string){
		"go": func(t *testing.T) (*suite.Project, string) {
			p := suite.NewProject(t, examples+"/go")
			p.Run("go vet . && go build -o bin/resource .")
			return p, "exec bin/resource"
		},
		"node": func(t *testing.T) (*suite.Project, string) {
			suite.Require(t, "resource")
			suite.Program(t, "node")
			p := suite.NewProject(t, examples+"/node")
			p.NPM()
			return p, "exec node server.mjs"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, command := install(t)
			start := func(t *testing.T, issuer string) *api { return run(t, p, command, issuer) }
			for name, holds := range map[string]func(*testing.T, starter){
				"takes what is good": takesWhatIsGood, "refuses tokens": refusesTokens, "refuses proofs": refusesProofs, "keys change": keysChange,
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					holds(t, start)
				})
			}
		})
	}
}

// run starts an example, which ends with the test.
func run(t *testing.T, p *suite.Project, command, issuer string) *api {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bash", "-euc", command)
	c.Dir, c.Env = p.Dir, append(p.Env, "ISSUER="+issuer, "LISTEN=127.0.0.1:0", "PORT=0")
	var errs strings.Builder
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "listens on ")
	t.Cleanup(func() { _ = c.Wait() })
	if err != nil || !found {
		t.Fatalf("%s prints %q, %v %s", command, line, err, &errs)
	}
	return &api{t, url}
}

// request is what a client sends to an API.
type request struct {
	path, scheme, token string
	proofs              []string
}

// ask asks who the client is, and returns the status with what the answer says of it: its body,
// or why not.
func (a *api) ask(r request) (status int, says string) {
	a.t.Helper()
	sent, err := http.NewRequest(http.MethodGet, a.url+r.path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	if r.scheme != "" {
		sent.Header.Set("Authorization", r.scheme+" "+r.token)
	}
	for _, p := range r.proofs {
		sent.Header.Add("DPoP", p)
	}
	answer, err := http.DefaultClient.Do(sent)
	if err != nil {
		a.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		line, err := bufio.NewReader(answer.Body).ReadString('}')
		if err != nil {
			a.t.Fatal(err)
		}
		return answer.StatusCode, line
	}
	return answer.StatusCode, strings.Join(answer.Header.Values("WWW-Authenticate"), ", ")
}
