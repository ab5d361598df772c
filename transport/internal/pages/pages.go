package pages

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"stagedoor/transport/internal/wire"
)

//go:embed page.html app
var files embed.FS

// Config is what the app is made of. Title, Mount, API, Problem and Library must be there.
type Config struct {
	// Title is the name of the site; AfterLogin is where people go who have signed in, empty
	// for the overview of their account.
	Title, AfterLogin string
	Theme             Theme
	// Mount is the path of the headless contract, API what answers there: the document asks
	// it what the app would ask first.
	Mount string
	API   http.Handler
	// Library is the client library, a JavaScript module.
	Library []byte
	// Trust is for how long a browser is trusted. EmailAlone says that no address is added to an
	// account that has a second factor.
	Trust      time.Duration
	EmailAlone bool
	// LeadsTo judges where people may be sent to after they have signed in.
	LeadsTo func(next string) bool
	// Members guards what signed-in people alone may ask.
	Members func(http.Handler) http.Handler
	// Away lets forms lead to the providers that people come from: sources of the directive
	// form-action (Content Security Policy Level 3, section 6.4.1).
	Away []string
	// Problem answers what goes wrong.
	Problem wire.ProblemWriter
	Extra   Extra
}

// Theme is a look and words besides the app's own. The zero value is none.
type Theme struct {
	// Logo is a picture, LogoType svg or png.
	Logo     []byte
	LogoType string
	// CSS is a stylesheet that comes after the app's.
	CSS []byte
	// Texts are words by the keys of the app.
	Texts map[string]string
}

// Extra is what a document has besides the app. The zero value is nothing.
type Extra struct {
	// Guard, if not nil, is around the document.
	Guard func(http.Handler) http.Handler
	// Styles and the modules Before and After that of the app are paths of this server.
	Styles, Before, After []string
	// Frames lets the document show pages of this server in frames.
	Frames bool
	// Sample fills the forms of a sign-up in with values to try it with.
	Sample bool
}

// Stylesheet is the look of the app, for pages of the server that are none of its own. What is
// in the middle of the window there is a main#main in a body.card with data-ready.
func Stylesheet() ([]byte, error) { return files.ReadFile("app/app.css") }

// Page is the app as handlers.
type Page struct {
	Config
	assets   *assets
	modules  modules
	document *template.Template
	policy   string
	// offers is the contract's answer of what the server offers.
	offers json.RawMessage
	// texts are the words that the document itself has.
	texts map[string]string
}

// New makes the app. Its errors are of what is missing, and of a contract that does not answer.
func New(c Config) (*Page, error) {
	texts, err := readTexts()
	if err != nil {
		return nil, err
	}
	document, err := template.ParseFS(files, "page.html")
	if err != nil {
		return nil, err
	}
	all, err := c.files()
	if err != nil {
		return nil, err
	}
	p := &Page{Config: c, document: document, assets: newAssets(all), modules: newModules(all), policy: c.policy(), texts: texts}
	maps.Copy(texts, c.Theme.Texts)
	if p.offers = p.askOffers(); p.offers == nil {
		return nil, errors.New("the contract does not say what the server offers")
	}
	return p, nil
}

// files are the assets by their names: the modules, the library, the look.
func (c Config) files() (map[string][]byte, error) {
	entries, err := files.ReadDir("app")
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{"stagedoor.js": c.Library}
	for _, e := range entries {
		if all[e.Name()], err = files.ReadFile("app/" + e.Name()); err != nil {
			return nil, err
		}
	}
	if c.Theme.CSS != nil {
		all["theme.css"] = c.Theme.CSS
	}
	if c.Theme.Logo != nil {
		all["logo."+c.Theme.LogoType] = c.Theme.Logo
	}
	if len(c.Library) == 0 {
		return nil, errors.New("the client library is empty")
	}
	return all, nil
}

// policy lets a document load nothing but files of this server (Content Security Policy
// Level 3). Where it has nothing but the app, no text becomes markup, either (Trusted Types).
func (c Config) policy() string {
	rules := []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
		strings.Join(append([]string{"form-action 'self'"}, c.Away...), " "), "base-uri 'none'", "frame-ancestors 'none'",
	}
	if c.Extra.Frames {
		rules = append(rules, "frame-src 'self'")
	}
	if len(c.Extra.Before)+len(c.Extra.After) == 0 {
		rules = append(rules, "require-trusted-types-for 'script'")
	}
	return strings.Join(rules, "; ")
}

// Routes serves the app.
func (p *Page) Routes(handle func(pattern string, h http.Handler)) {
	for _, d := range documents() {
		handle(d.path, p.guarded(p.shows(d, http.StatusOK)))
	}
	handle(assetsPath+"{hash}/{file}", http.HandlerFunc(p.asset))
	// A Well-Known URL for Changing Passwords: password managers lead people there.
	handle("/.well-known/change-password", http.RedirectHandler("/account/password", http.StatusSeeOther))
	handle(qrPath, p.Members(http.HandlerFunc(p.drawQR)))
}

// Lost answers a path below /account/ that there is not, false for any other: with the page
// that says so, where a browser asks for a page.
func (p *Page) Lost(w http.ResponseWriter, r *http.Request) bool {
	wants := (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html")
	if !wants || !strings.HasPrefix(r.URL.Path, "/account/") {
		return false
	}
	p.guarded(p.shows(document{}, http.StatusNotFound)).ServeHTTP(w, r)
	return true
}

func (p *Page) guarded(next http.Handler) http.Handler {
	if p.Extra.Guard == nil {
		return next
	}
	return p.Extra.Guard(next)
}

// shows answers a document.
func (p *Page) shows(d document, status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wire.Quiet(w) // the path may hold the key of a link
		wire.ServeFile(w, r, func(w http.ResponseWriter, r *http.Request) { p.show(w, r, d, status) }, p.Problem)
	})
}

func (p *Page) show(w http.ResponseWriter, r *http.Request, d document, status int) {
	h := w.Header()
	known := p.ask(h, r)
	data, err := p.data(r, known)
	var html bytes.Buffer
	if err == nil {
		err = p.document.Execute(&html, p.view(d, known, data))
	}
	if err != nil {
		p.Problem(w, r, wire.Internal(err))
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin") // a form without an origin is refused
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes())
}

// view is what the document shows before the app does.
func (p *Page) view(d document, k known, data []byte) map[string]any {
	styles := []string{p.assets.path("app.css")}
	if p.Theme.CSS != nil {
		styles = append(styles, p.assets.path("theme.css"))
	}
	class := "card" // the frame that the app will show, so that nothing jumps
	if k.stands() == signedIn && (isMembers(d) && d.module != "secure.js" || isEntry(d)) {
		class = "account"
	}
	v := map[string]any{
		"Class": class, "Lang": p.texts["lang"], "Title": p.Title, "App": p.assets.base, "Icon": p.assets.path("icon.svg"), "NoScript": p.texts["noscript"],
		"Styles": append(styles, p.Extra.Styles...), "Preload": p.paths(p.modules.first(d, k.stands(), p.Extra.Sample)),
		"Scripts": slices.Concat(p.Extra.Before, p.paths([]string{"main.js"}), p.Extra.After), "Data": template.JS(data), "Logo": "",
	}
	if p.Theme.Logo != nil {
		v["Logo"] = p.assets.path("logo." + p.Theme.LogoType)
	}
	return v
}

func (p *Page) paths(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = p.assets.path(name)
	}
	return out
}
