package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoroutinesRecover: a panic in a goroutine that nobody guards ends the process, whoever is
// being served. Each that a server starts is named here with what guards it.
func TestGoroutinesRecover(t *testing.T) {
	guarded := map[string]string{
		"stages/internal/provider/remembered.go":        "fetched makes an error of it",
		"state/internal/redisstore/embedded.go":         "safely",
		"state/internal/sqlstore/postgres_connector.go": "grow calls database/sql alone",
		"transport/internal/deliver/dispatcher.go":      "safely, around each message",
		"transport/internal/deliver/mailer.go":          "it closes a connection",
		"transport/server/background.go":                "attempt",
		"transport/server/ready.go":                     "guarded, around what each store is asked",
		"transport/server/events.go":                    "deliver, around each event",
		"cmd/stagedoor/main.go":                         "it ends a notice of signals",
		"cmd/stagedoor/serve.go":                        "net/http guards its requests itself; memory.run reads figures alone",
	}
	met := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
		switch {
		case err != nil:
			return err
		case d.IsDir():
			// These serve nobody: they are what tests and stories stand on.
			switch name {
			case ".git", "testdata", "state/statetest", "transport/replay", "transport/internal/suite", "transport/internal/player", "transport/internal/device", "transport/bench", "transport/internal/stand":
				return fs.SkipDir
			}
			return nil
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if starts(n) {
				met[name] = true
				if guarded[name] == "" {
					t.Errorf("%s starts a goroutine; guard it against panics, and say here by what", set.Position(n.Pos()))
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range guarded {
		if !met[name] {
			t.Errorf("%s starts no goroutine any more", name)
		}
	}
}

// starts says whether a node starts a goroutine: a go statement, the method Go of a group,
// AfterFunc of a timer or a context.
func starts(n ast.Node) bool {
	if _, ok := n.(*ast.GoStmt); ok {
		return true
	}
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (f.Sel.Name == "Go" || f.Sel.Name == "AfterFunc")
}
