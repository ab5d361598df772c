package bindings

import (
	"os"
	"testing"

	"stagedoor/transport/internal/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }

// root is the top of the repository; library is the folder that is packed for npm; projects
// pin what the examples are built with.
const (
	root     = "../../../.."
	library  = root + "/transport/client"
	examples = library + "/examples"
	projects = root + "/testdata/bindings"
)

// put has the library in a project, as npm would put it there.
func put(p *suite.Project) {
	p.T.Helper()
	for _, name := range []string{"package.json", "stagedoor.js", "stagedoor.d.ts", "stagedoor-dpop.js", "stagedoor-dpop.d.ts", "README.md"} {
		text, err := os.ReadFile(library + "/" + name)
		if err != nil {
			p.T.Fatal(err)
		}
		p.Write("node_modules/stagedoor/"+name, string(text))
	}
}
