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

// TestEveryTemplateHasWords: what state names as a template has words here, and what has
// words has a name there.
func TestEveryTemplateHasWords(t *testing.T) {
	named := map[state.Template]string{state.NoTemplate: "NoTemplate"}
	eachFile(t, "../../state/template.go", func(_ string, n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		name := state.Template(value)
		named[name] = spec.Names[0].Name
		if _, known := catalogue()[name]; !known && name != state.NoTemplate {
			t.Errorf("state.%s: the catalogue of templates has no %q", spec.Names[0].Name, name)
		}
	})
	for name := range catalogue() {
		if named[name] == "" {
			t.Errorf("template %q has no constant in state/template.go", name)
		}
	}
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
