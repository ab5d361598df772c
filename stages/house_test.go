package stages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneStageAFile: a file declares one stage, or two that share a handler, and has the
// behaviour of no other; ends, which have none, stand in ends.go.
func TestOneStageAFile(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || path == "ends.go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		var stages, handlers []string
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case f.Name.Name == "Submit", f.Name.Name == "Decide":
				handlers = append(handlers, f.Recv.List[0].Type.(*ast.Ident).Name)
			case f.Name.IsExported() && f.Recv == nil && returnsStage(f.Type):
				stages = append(stages, f.Name.Name)
			}
		}
		declared += len(stages)
		if len(handlers) > 1 || len(stages) > 2 || len(stages) == 2 && len(handlers) == 0 {
			t.Errorf("%s declares %v and has the handlers %v: one stage a file", path, stages, handlers)
		}
	}
	if all := len((&Env{}).Handlers()) + len(Deciders()); declared < all-2 || declared > all+2 {
		t.Errorf("%d stages are declared, %d have behaviour: the test looks in the wrong place", declared, all)
	}
}

// returnsStage reports whether a function returns a stage and nothing else.
func returnsStage(f *ast.FuncType) bool {
	if f.Results == nil || len(f.Results.List) != 1 {
		return false
	}
	s, ok := f.Results.List[0].Type.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Stage"
}
