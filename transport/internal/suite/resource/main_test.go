package resource

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
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
			t.Run("README", func(t *testing.T) {
				s := newIssuer(t)
				run(t, p, readme(t, name), s.URL).wants(t, "what the README starts", request{path: "/me", scheme: "Bearer", token: s.token(nil, nil)}, asBearer)
			})
			for name, holds := range map[string]func(*testing.T, starter){
				"takes what is good": takesWhatIsGood, "refuses tokens": refusesTokens, "refuses proofs": refusesProofs, "keys change": keysChange,
				"takes the server's": takesTheServers,
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					holds(t, start)
				})
			}
		})
	}
}

// readme is the line of the README that starts the example of a language, at a port that is free.
// What is to be installed was.
func readme(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile(examples + "/../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, line, found := strings.Cut(string(text), "\n    cd testdata/resource/"+language+" && ")
	line, _, _ = strings.Cut(line, "\n")
	_, line, set := strings.Cut(line, "ISSUER=http://localhost:8080 ")
	place, command, starts := strings.Cut(line, " ")
	if !found || !set || !starts || place != "LISTEN=127.0.0.1:8090" && place != "PORT=8091" {
		t.Fatalf("the README does not say how the example in %s is started", language)
	}
	return command
}

// run starts an example, which ends with the test, and so does what it has started.
func run(t *testing.T, p *suite.Project, command, issuer string) *api {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bash", "-euc", command)
	c.Dir, c.Env = p.Dir, append(p.Env, "ISSUER="+issuer, "LISTEN=127.0.0.1:0", "PORT=0")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
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
	// whole writes the address in full, as to a proxy (RFC 9112, section 3.2.2), and another host's.
	whole bool
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
	client := http.DefaultClient
	if r.whole {
		to := *sent.URL
		client = &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(&to), DisableKeepAlives: true}}
		sent.URL.Host, sent.Host = "api.example.net", ""
	}
	answer, err := client.Do(sent)
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
