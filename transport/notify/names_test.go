package notify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"stagedoor/state"
)

// TestEveryTemplateIsListed: each template that state has a constant for is in its table,
// and the table names none otherwise.
func TestEveryTemplateIsListed(t *testing.T) {
	eachFile(t, "../../state/template.go", func(at string, n ast.Node) {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, is := n.Key.(*ast.BasicLit); is {
				t.Errorf("%s: %s has no constant", at, key.Value)
			}
		case *ast.ValueSpec:
			value, err := strconv.Unquote(n.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if name := state.Template(value); name != state.NoTemplate && name.Channel() == "" {
				t.Errorf("%s: letters has no entry for %s", at, n.Names[0].Name)
			}
		}
	})
}

// TestTemplatesAreSentByName: what sends messages names their templates by the constants
// of state, so that a slip does not compile.
func TestTemplatesAreSentByName(t *testing.T) {
	sent := 0
	for _, dir := range []string{"../../stages/*.go", "../../state/accounts/*.go"} {
		eachFile(t, dir, func(at string, n ast.Node) {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if strings.HasSuffix(n.Sel.Name, "Template") {
					sent++
				}
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
					if _, is := onlyTemplates()[state.Template(text)]; is {
						t.Errorf("%s: the template %q is written out; it has a constant in state", at, text)
					}
				}
			}
		})
	}
	if sent < len(catalogue())-1 {
		t.Errorf("%d templates are sent: the test looks in the wrong place", sent)
	}
}

// onlyTemplates are the names that mean nothing else, such as an event or an error code.
func onlyTemplates() map[state.Template]entry {
	all := catalogue()
	for _, also := range []state.Template{
		state.LoginCodeTemplate, state.PhoneTakenTemplate, state.PasswordChangedTemplate, state.PasswordSetTemplate,
		state.PasswordResetTemplate, state.TOTPActivatedTemplate, state.TOTPDeactivatedTemplate, state.RecoveryCodesTemplate,
		state.WebAuthnAddedTemplate, state.WebAuthnRemovedTemplate, state.EmailChangedTemplate, state.EmailConfirmedTemplate,
	} {
		delete(all, also)
	}
	return all
}

// eachFile calls see with every node of the files but the tests, and where it stands.
func eachFile(t *testing.T, pattern string, see func(at string, n ast.Node)) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: no files, %v", pattern, err)
	}
	files := token.NewFileSet()
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if n != nil {
				see(files.Position(n.Pos()).String(), n)
			}
			return true
		})
	}
}
