package generators

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestLinters shows every document that servers of several configurations serve to Redocly
// and Spectral, with the rules that each recommends. Neither finds an error.
func TestLinters(t *testing.T) {
	suite.Require(t, "linters")
	t.Parallel()
	p := suite.NewProject(t, projects+"/lint")
	p.NPM()
	p.Env = append(p.Env, "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	for name, change := range map[string]suite.SetUp{
		"everything": everything,
		"jwt":        func(c *config.Config, _ *server.Options) { c.Headless.TokenStrategy = "jwt" },
	} {
		l := suite.NewLab(t, change)
		for _, path := range documents() {
			save(t, l.URL+path, filepath.Join(p.Dir, name+"_"+filepath.Base(filepath.Dir(path))+"_"+filepath.Base(path)))
		}
	}
	p.Run("redocly lint --extends recommended --format stylish *_openapi*")
	p.Run("spectral lint --ruleset spectral.yaml --fail-severity error *_openapi*")
}

// documents are the paths of the documents for programs: of both contracts, in both versions
// of the specification. As JSON they are the same.
func documents() []string {
	var paths []string
	for _, mount := range []string{"/_allauth", "/auth"} {
		for _, name := range []string{"openapi.yaml", "openapi-3.1.yaml"} {
			paths = append(paths, mount+"/"+name)
		}
	}
	return paths
}

// save writes what a server answers into a file.
func save(t *testing.T, url, file string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", url, answer.Status, err)
	}
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
}
