package bindings

import (
	"slices"
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestPacked packs the library and installs what was packed as somebody would who has nothing
// else: the files are those and no others, and a program imports it.
func TestPacked(t *testing.T) {
	t.Parallel()
	suite.Program(t, "npm")
	p := suite.NewProject(t, library)
	tarball := strings.TrimSpace(p.Run("npm pack --silent"))
	if tarball != "stagedoor-0.1.0.tgz" {
		t.Fatalf("npm pack makes %q", tarball)
	}
	files := strings.Fields(p.Run("tar tzf " + tarball))
	slices.Sort(files)
	want := []string{"package/LICENSE", "package/README.md", "package/package.json", "package/stagedoor-dpop.d.ts", "package/stagedoor-dpop.js", "package/stagedoor.d.ts", "package/stagedoor.js"}
	if !slices.Equal(files, want) {
		t.Errorf("the package has %q, want %q", files, want)
	}
	p.Write("use/package.json", `{"private": true, "type": "module"}`)
	p.Write("use/index.js", `import { createAuth, AuthError } from 'stagedoor';
import { createDPoP } from 'stagedoor/dpop';
const auth = createAuth({ url: 'http://localhost:8080', client: 'app', dpop: createDPoP() });
console.log(auth.client, auth.state.status, new AuthError('failed') instanceof Error);`)
	p.Write("use/index.cjs", `import('stagedoor').then(({ createAuth }) => console.log(typeof createAuth));`)
	p.Run("cd use && npm install --offline --ignore-scripts --no-audit --no-fund ../" + tarball)
	if got := p.Run("cd use && node index.js && node index.cjs"); got != "app loading true\nfunction\n" {
		t.Errorf("a program that imports it prints %q", got)
	}
}

// TestTypes compiles what must compile, and what must not, with the types of browsers and with
// those of node alone, and the code of the README; and holds the types against the script.
func TestTypes(t *testing.T) {
	t.Parallel()
	suite.Require(t, "bindings")
	p := suite.NewProject(t, projects+"/web")
	p.NPM()
	put(p)
	writeBlocks(p)
	for _, config := range []string{"tsconfig.json", "tsconfig.node.json", "tsconfig.readme.json"} {
		p.Run("tsc -p types/" + config)
	}
	if differ := p.Run("node types/agree.mjs"); differ != "" {
		t.Errorf("stagedoor.d.ts, stagedoor.js and README.md differ:\n%s", differ)
	}
}
