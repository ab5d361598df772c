package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The budgets of CONTRIBUTING.md.
const (
	fileLines        = 400
	functionLines    = 60
	interfaceMethods = 5
)

// root is the top of the repository, seen from this package.
const root = "../.."

// source is one Go file.
type source struct {
	path string
	text []byte
	set  *token.FileSet
	*ast.File
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// at says where a node is.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(n.Pos()).Line)
}

// lines is how many lines a node takes.
func (s source) lines(n ast.Node) int {
	return s.set.Position(n.End()).Line - s.set.Position(n.Pos()).Line + 1
}

// sources parses every Go file of the repository.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s, err := parse(strings.TrimPrefix(filepath.ToSlash(path), root+"/"), text)
		out = append(out, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 100 {
		t.Fatalf("%d Go files under %s: this is not the repository", len(out), root)
	}
	return out
}

func parse(path string, text []byte) (source, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.ParseComments)
	return source{path, text, set, file}, err
}

// TestHouse holds every Go file to the house's budgets and rules.
func TestHouse(t *testing.T) {
	for _, s := range sources(t) {
		for _, fault := range s.faults() {
			t.Error(fault)
		}
	}
}

// unfinished is what a comment says of work that somebody meant to do.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)

// faults lists what the house would not have.
func (s source) faults() []string {
	var out []string
	fault := func(at ast.Node, format string, args ...any) {
		out = append(out, s.at(at)+": "+fmt.Sprintf(format, args...))
	}
	if n := bytes.Count(s.text, []byte("\n")); n > fileLines {
		fault(s.File, "the file has %d lines, at most %d are allowed", n, fileLines)
	}
	if slices.Contains([]string{"util", "common", "shared", "helpers"}, s.Name.Name) {
		fault(s.Name, "package %s says nothing of what is in it", s.Name.Name)
	}
	for _, group := range s.Comments {
		for _, c := range group.List {
			if unfinished.MatchString(c.Text) {
				fault(c, "unfinished work: do it, or write an issue")
			}
		}
	}
	for _, d := range s.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			s.judgeFunc(d, fault)
		case *ast.GenDecl:
			s.judgeDecl(d, fault)
		}
	}
	ast.Inspect(s.File, func(n ast.Node) bool {
		if i, ok := n.(*ast.InterfaceType); ok && i.Methods.NumFields() > interfaceMethods {
			fault(i, "the interface has %d methods, at most %d are allowed", i.Methods.NumFields(), interfaceMethods)
		}
		return true
	})
	return out
}

type faulter func(at ast.Node, format string, args ...any)

// judgeFunc judges a function or method.
func (s source) judgeFunc(f *ast.FuncDecl, fault faulter) {
	if f.Name.Name == "init" && f.Recv == nil {
		fault(f, "init runs unasked")
	}
	if n := s.lines(f); n > functionLines && !s.test() {
		fault(f, "%s has %d lines, at most %d are allowed", f.Name.Name, n, functionLines)
	}
	if !s.test() && f.Doc == nil && f.Name.IsExported() && exportedReceiver(f) {
		fault(f, "%s is exported and has no comment", f.Name.Name)
	}
}

// exportedReceiver reports whether strangers can reach the function: it is no method, or
// one of an exported type.
func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

// judgeDecl judges types, constants and variables. The comment of a group is that of all
// its members.
func (s source) judgeDecl(d *ast.GenDecl, fault faulter) {
	for _, spec := range d.Specs {
		var names []*ast.Ident
		var doc *ast.CommentGroup
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			names, doc = []*ast.Ident{spec.Name}, spec.Doc
		case *ast.ValueSpec:
			names, doc = spec.Names, spec.Doc
			if doc == nil {
				doc = spec.Comment
			}
			if d.Tok == token.VAR && !s.test() && !fixed(spec) && !embedded(d.Doc) && !embedded(spec.Doc) {
				fault(spec, "%s can be changed by whoever reaches it: hand it in, or make it a function", spec.Names[0].Name)
			}
		}
		for _, name := range names {
			if name.IsExported() && doc == nil && d.Doc == nil && !s.test() {
				fault(name, "%s is exported and has no comment", name.Name)
			}
		}
	}
}

// fixed reports whether a package variable is one in name only: an error to compare with,
// a compiled pattern, a table of fixed size, a value that is made once, another name for
// something of another package, or a check of the compiler's.
func fixed(v *ast.ValueSpec) bool {
	if v.Names[0].Name == "_" {
		return true
	}
	calls := []string{"errors.New", "fmt.Errorf", "regexp.MustCompile", "sync.OnceValue", "sync.OnceValues"}
	for _, value := range v.Values {
		switch value := value.(type) {
		case *ast.SelectorExpr:
		case *ast.CompositeLit:
			if array, ok := value.Type.(*ast.ArrayType); !ok || array.Len == nil {
				return false
			}
		case *ast.CallExpr:
			if f, ok := value.Fun.(*ast.SelectorExpr); !ok || !slices.Contains(calls, fmt.Sprint(f.X)+"."+f.Sel.Name) {
				return false
			}
		default:
			return false
		}
	}
	return len(v.Values) > 0
}

// embedded reports whether a comment embeds files.
func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// TestHouseBites shows a fault of each kind to the rules, and code they like.
func TestHouseBites(t *testing.T) {
	for want, code := range map[string]string{
		"p.go:1: the file has 402 lines":       "package p" + strings.Repeat("\n", 402),
		"p.go:1: package helpers says nothing": "package helpers",
		"p.go:2: unfinished work":              "package p\n// TO" + "DO: later",
		"p.go:2: init runs unasked":            "package p\nfunc init() {}",
		"p.go:2: long has 61 lines":            "package p\nfunc long() {" + strings.Repeat("\n", 60) + "}",
		"p.go:2: Open is exported":             "package p\nfunc Open() {}",
		"p.go:3: Close is exported":            "package p\ntype t = T\nfunc (x *T[int]) Close() {}",
		"p.go:2: T is exported":                "package p\ntype T int",
		"p.go:3: B is exported":                "package p\nconst (\n\tB = 1\n)\nconst (\n\t// C is one.\n\tC = 1\n)",
		"p.go:2: the interface has 6 methods":  "package p\ntype t interface { A(); B(); C(); D(); E(); F() }",
		"p.go:2: names can be changed":         "package p\nvar names = []string{}",
		"p.go:2: count can be changed":         "package p\nvar count int",
		"p.go:3: E is exported":                "package p\nimport \"errors\"\nvar E = errors.New(\"e\")",
		"":                                     "package p\nimport \"errors\"\n// T is one.\ntype T int\n// A and B are one.\nconst (\n\tA = 1\n\tB = 1\n)\nvar errGone = errors.New(\"gone\")\nvar _ error = T(1)\n//go:embed x\nvar files embed.FS\nvar table = [...]int{1}\nvar b64 = base64.Std\nfunc (t t) Private() {}",
	} {
		s, err := parse("p.go", []byte(code))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(s.faults(), "\n")
		if want == "" && got != "" || !strings.Contains(got, want) || want != "" && strings.Count(got, "\n") > 0 {
			t.Errorf("%.80q: got %q, want %q", code, got, want)
		}
	}
}

// topLevel is what the repository may have at its top. Whatever begins with a dot is
// read by tools and may be there, too.
func topLevel() []string {
	return []string{
		"engine", "flows", "stages", "transport", "state", "cmd", "findings", "testdata", "go.mod", "go.sum", "README.md",
		"LICENSE", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "Dockerfile", "compose.yaml", "staticcheck.conf",
	}
}

// tracked lists what git keeps at the top of the repository. Where there is no git, or no
// repository around the sources, the test is skipped.
func tracked(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here to ask what belongs to the repository")
	}
	// A tarball unpacked inside another repository is not that repository.
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("these sources are no git repository, so nothing says what belongs to it")
	}
	git := exec.Command("git", "ls-files", "-z")
	git.Dir = root
	out, err := git.CombinedOutput()
	if err != nil {
		t.Fatalf("git ls-files: %v: %s", err, out)
	}
	var names []string
	for path := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		top, _, _ := strings.Cut(path, "/")
		names = append(names, top)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestTopLevel holds what is committed at the top of the repository to the list. Files and
// folders that git does not track may lie there.
func TestTopLevel(t *testing.T) {
	missing := topLevel()
	for _, name := range tracked(t) {
		if i := slices.Index(missing, name); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		} else if !strings.HasPrefix(name, ".") {
			t.Errorf("%s is at the top of the repository, where only %v belong", name, topLevel())
		}
	}
	if len(missing) > 0 {
		t.Errorf("%v are missing at the top of the repository", missing)
	}
}
