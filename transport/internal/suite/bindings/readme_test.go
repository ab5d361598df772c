package bindings

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

// block is code in the README, with the language that it says it is in.
var block = regexp.MustCompile("(?s)```(\\w+)\n(.*?)\n```\n")

// blocks are those of some languages.
func blocks(t *testing.T, languages string) []string {
	t.Helper()
	text, err := os.ReadFile(library + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(languages, m[1]) {
			out = append(out, m[2])
		}
	}
	return out
}

// writeBlocks writes every block of code of the README into a file by itself.
func writeBlocks(p *suite.Project) {
	p.T.Helper()
	all := blocks(p.T, "js ts")
	if len(all) < 8 {
		p.T.Fatalf("the README has %d blocks of code", len(all))
	}
	for i, code := range all {
		p.Write(fmt.Sprintf("types/readme/block%d.ts", i+1), code+"\nexport {};\n")
	}
}

// TestReadmeFirst runs the README's first sign-in, by the package made with its commands.
func TestReadmeFirst(t *testing.T) {
	t.Parallel()
	node := suite.Program(t, "node")
	suite.Program(t, "npm")
	l := suite.NewLab(t)
	ann := l.Client("app")
	ann.Do("POST", "/auth/signup", map[string]string{"email": "ann@example.org", "password": "violet harbour 7"}).Is(401)
	ann.Verify(l.Code("ann@example.org"))
	first := strings.ReplaceAll(blocks(t, "js")[1], "http://localhost:8080", l.URL)
	if !strings.Contains(first, "Hello") {
		t.Fatal("the second block of the README is not the first sign-in")
	}
	p := suite.NewProject(t, examples)
	p.Copy(library, "transport/client")
	p.Write("package.json", `{"private": true, "type": "module"}`)
	p.Write("first.js", first)
	p.Run(strings.ReplaceAll(blocks(t, "sh")[0], "npm install", "npm install --offline --no-audit --no-fund"))
	if got := p.Run(node + " first.js"); !strings.HasSuffix(got, "signed_in\nHello, ann@example.org\n") {
		t.Errorf("it prints %q", got)
	}
}

// TestThin holds what binds the library to a framework to 40 lines.
func TestThin(t *testing.T) {
	for _, name := range []string{"html/binding.js", "react/useAuth.ts", "vue/useAuth.ts", "svelte/action.svelte.ts", "node/storage.js", "react-native/secure.ts"} {
		text, err := os.ReadFile(examples + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n >= 40 {
			t.Errorf("%s has %d lines, 40 or more", name, n)
		}
	}
}
