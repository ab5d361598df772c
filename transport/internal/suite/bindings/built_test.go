package bindings

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/internal/suite"
)

// newWeb installs what the examples for the web are built with, with the examples and the library.
func newWeb(t *testing.T) *suite.Project {
	t.Helper()
	suite.Require(t, "bindings")
	p := suite.NewProject(t, projects+"/web")
	p.NPM()
	p.Copy(examples, "examples")
	put(p)
	return p
}

// TestBuilt compiles the examples strictly, builds those for React, Vue and Svelte, and walks
// with each.
func TestBuilt(t *testing.T) {
	t.Parallel()
	p := newWeb(t)
	t.Run("types", func(t *testing.T) {
		p := &suite.Project{T: t, Dir: p.Dir, Env: p.Env}
		p.Run("tsc -p tsconfig.json")
		p.Run("vue-tsc -p tsconfig.vue.json")
		p.Run("svelte-check --tsconfig tsconfig.json --fail-on-warnings")
	})
	s := newSite(t)
	l := newLab(t, s.URL)
	p.Env = append(p.Env, "VITE_AUTH_URL="+l.URL)
	p.Run("vite build")
	s.files, s.other = os.DirFS(p.Dir+"/dist"), l.URL
	for _, name := range []string{"react", "vue", "svelte"} {
		t.Run(name, func(t *testing.T) {
			l := *l
			l.T = t
			w := suite.NewWindow(t, &l)
			w.Do("open the page", chromedp.Navigate(s.URL+"/"+name+"/"))
			walk(&l, reader{&l, w}, name+"@example.org")
			w.Whole()
		})
	}
}
