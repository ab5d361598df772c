package pages

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestRoutesAreDocuments: the app shows what the server has documents for, by the same modules,
// and nothing else.
func TestRoutesAreDocuments(t *testing.T) {
	text, err := files.ReadFile("app/main.js")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  '(/[^']*)': (.*),$`).FindAllStringSubmatch(string(text), -1) {
		want[m[1]] = "login.js"
		if file := regexp.MustCompile(`'\./([a-z_]+\.js)'`).FindStringSubmatch(m[2]); file != nil {
			want[m[1]] = file[1]
		}
	}
	got := map[string]string{}
	for _, d := range documents() {
		path := strings.TrimSuffix(strings.TrimSuffix(d.path, "{$}"), "/{key}")
		if path != "/" {
			path = strings.TrimSuffix(path, "/")
		}
		got[path] = d.module
	}
	if len(want) < 15 {
		t.Fatalf("the app has %d routes", len(want))
	}
	for path, module := range want {
		if got[path] != module {
			t.Errorf("%s is shown by %s, and the document names %q", path, module, got[path])
		}
		delete(got, path)
	}
	for path := range got {
		t.Errorf("%s has a document, and the app no route", path)
	}
}

// TestModules follows imports of every form that stands at the beginning of a line, and none
// that comes later.
func TestModules(t *testing.T) {
	m := newModules(map[string][]byte{
		"main.js": []byte("import { a,\n  b } from './a.js';\nimport * as r from './b.js';\nconst x = () => import('./late.js');\n"),
		"a.js":    []byte("export { c } from './c.js';\n"), "b.js": []byte("import './c.js';\nimport './main.js';\n"), "c.js": nil, "late.js": nil, "x.css": nil,
	})
	if got := m.with("main.js"); !slices.Equal(got, []string{"a.js", "b.js", "c.js", "main.js"}) {
		t.Errorf("main.js is with %q", got)
	}
	if got := m.with("late.js", "c.js"); !slices.Equal(got, []string{"c.js", "late.js"}) {
		t.Errorf("two are with %q", got)
	}
}
