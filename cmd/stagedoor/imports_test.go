package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// listed is a package as the go command describes it.
type listed struct {
	ImportPath    string
	Standard      bool
	Imports, Deps []string
}

// packages lists the packages of the module with what they import, tests left out, and
// which of all packages are the standard library's.
func packages(t *testing.T) (own []listed, standard map[string]bool) {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps", "stagedoor/...").Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	standard = make(map[string]bool)
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return own, standard
		} else if err != nil {
			t.Fatal(err)
		}
		standard[p.ImportPath] = p.Standard
		if strings.HasPrefix(p.ImportPath, "stagedoor/") {
			own = append(own, p)
		}
	}
}

// TestImports holds every package to the direction of imports.
func TestImports(t *testing.T) {
	own, standard := packages(t)
	rules := bans()
	for _, p := range own {
		name := strings.TrimPrefix(p.ImportPath, "stagedoor/")
		list, ok := rules[name]
		if !ok {
			t.Errorf("package %s has no entry: say in bans what it may not import, and why", name)
		}
		delete(rules, name)
		if name != "state/statetest" && !strings.HasPrefix(name, "transport/internal/suite") {
			list = append(list, ban{what: "testing", why: onlyTests}, ban{what: "stagedoor/state/statetest", why: onlyTests},
				ban{what: "stagedoor/transport/internal/suite", why: onlyTests})
		}
		for _, b := range list {
			imports := p.Deps
			if b.direct {
				imports = p.Imports
			}
			for _, dep := range imports {
				if b.covers(dep, standard[dep]) {
					t.Errorf("%s imports %s: %s", name, dep, b.why)
				}
			}
		}
	}
	for name := range rules {
		t.Errorf("package %s has an entry and is not there", name)
	}
}

// covers reports whether the ban is about a package.
func (b ban) covers(path string, standard bool) bool {
	if path == b.but || b.what == "stagedoor/engine" && path == "stagedoor/"+encoding {
		return false // an encoding has nothing of the engine above it
	}
	if b.what == thirdParty {
		return !standard && !strings.HasPrefix(path, "stagedoor/")
	}
	return path == b.what || strings.HasPrefix(path, b.what+"/")
}

// TestBansBite: a ban that covers nothing that exists guards against nothing.
func TestBansBite(t *testing.T) {
	_, standard := packages(t)
	for name, list := range bans() {
		for _, b := range list {
			met := false
			for path, std := range standard {
				met = met || b.covers(path, std)
			}
			if !met {
				t.Errorf("%s may not import %s, which is no package of this program", name, b.what)
			}
			if b.why == "" {
				t.Errorf("%s may not import %s, and no reason is given", name, b.what)
			}
		}
	}
	for _, c := range []struct {
		what, path string
		std, want  bool
	}{
		{"net", "net", true, true}, {"net", "net/http", true, true}, {"net", "netip", true, false},
		{"stagedoor/state", "stagedoor/state/accounts", false, true}, {"stagedoor/state", "stagedoor/statement", false, false},
		{thirdParty, "github.com/x/y", false, true}, {thirdParty, "fmt", true, false}, {thirdParty, "stagedoor/engine", false, false},
	} {
		if got := (ban{what: c.what}).covers(c.path, c.std); got != c.want {
			t.Errorf("a ban of %s covers %s: %v", c.what, c.path, got)
		}
	}
	if b := (ban{what: "stagedoor", but: "stagedoor/engine/compact"}); b.covers(b.but, false) || !b.covers("stagedoor/engine", false) {
		t.Error("what is not meant is covered, or what is meant is not")
	}
	if b := (ban{what: "stagedoor/engine"}); b.covers("stagedoor/"+encoding, false) || !b.covers("stagedoor/engine/draw", false) {
		t.Error("the encoding counts as the engine, or the engine's packages do not")
	}
}
