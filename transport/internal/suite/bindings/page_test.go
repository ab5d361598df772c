package bindings

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/internal/suite"
)

// reader is a person in front of a page.
type reader struct {
	lab    *suite.Lab
	window interface {
		Do(what string, steps ...suite.Step)
	}
}

func (r reader) sees(text string) string {
	r.lab.T.Helper()
	r.window.Do("see "+text, suite.Until(fmt.Sprintf(`document.querySelector('main').innerText.includes(%q)`, text)))
	var shown string
	r.window.Do("read", func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		shown, err = chromedp.Evaluate[string](`document.querySelector('main').innerText`)(ctx, t)
		return none, err
	})
	return shown
}

func (r reader) gone(text string) {
	r.lab.T.Helper()
	r.window.Do("see no more of "+text, suite.Until(fmt.Sprintf(`!document.querySelector('main').innerText.includes(%q)`, text)))
}

func (r reader) fails(text string) {
	r.lab.T.Helper()
	r.window.Do("see the error "+text, suite.Until(fmt.Sprintf(`[...document.querySelectorAll('[role=alert]')].some((e) => e.textContent.includes(%q))`, text)))
}

func (r reader) works() {
	r.lab.T.Helper()
	r.window.Do("see that it works", suite.Until(`!document.querySelector('main button:disabled')`),
		suite.Until(`[...document.querySelectorAll('[role=alert]')].every((e) => e.textContent === '')`))
}

func (r reader) does(button string, values ...entry) {
	r.lab.T.Helper()
	for _, v := range values {
		field := fmt.Sprintf(`main input[name=%s]`, v.field)
		if v.value == "yes" {
			r.window.Do("tick "+v.field, suite.Shown(field), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{ const box = document.querySelector(%q); if (!box.checked) box.click(); }`, field)))
			continue
		}
		r.window.Do("fill "+v.field, suite.Shown(field), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).select()`, field)),
			chromedp.SendKeys(chromedp.CSS(field), v.value))
	}
	// A button cannot be pressed while what was pressed before goes on.
	r.window.Do("press "+button,
		suite.Until(fmt.Sprintf(`[...document.querySelectorAll('main button')].some((b) => b.textContent === %q && !b.disabled)`, button)),
		chromedp.Click(chromedp.Search(fmt.Sprintf(`//main//button[normalize-space()=%q]`, button))))
}

// site serves files, with a Content-Security-Policy that lets pages talk to their own origin
// and one other. Files say that the other is at http://localhost:8080, as the examples do.
type site struct {
	*httptest.Server
	files fs.FS
	other string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	text, err := fs.ReadFile(s.files, name)
	switch {
	case name == "favicon.ico":
		w.WriteHeader(http.StatusNoContent)
	case err != nil:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self' "+s.other+"; connect-src "+s.other)
		_, _ = w.Write(bytes.ReplaceAll(text, []byte("http://localhost:8080"), []byte(s.other)))
	}
}

// TestHTML walks with the page that needs no build.
func TestHTML(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := newLab(t, s.URL)
	s.files, s.other = os.DirFS(examples), l.URL
	w := suite.NewWindow(t, l)
	w.Do("open the page", chromedp.Navigate(s.URL+"/html/"))
	walk(l, reader{l, w}, "html@example.org")
	w.Whole()
	w.Picture()
}
