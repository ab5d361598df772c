// Package disownpage is the page where the reader of a sign-up's letter says that it was
// somebody else's, for servers whose front end has no such page.
package disownpage

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"io"
	"net/http"
	"slices"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

//go:embed disown.html disown.css
var files embed.FS

// Page is the page as a handler. It needs no script, and keeps nothing of its visitors. To
// open it does nothing, since programs that look through mail open links: only its button
// does. The key is the secret, so that no token against forged requests is needed.
type Page struct {
	contract.Base
	problem      wire.ProblemWriter
	site, policy string
	logo         template.URL
	style        template.CSS
	page         *template.Template
}

// view is what the page shows. State is asks, done, bad or later.
type view struct {
	State, Site, Email, Key, Action string
	Logo                            template.URL
	Style                           template.CSS
}

// New makes the page of a site. What is no GET and no POST is answered as a problem.
func New(base contract.Base, look Look, problem wire.ProblemWriter) (*Page, error) {
	own, err := files.ReadFile("disown.css")
	if err != nil {
		return nil, err
	}
	page, err := template.ParseFS(files, "disown.html")
	if err != nil {
		return nil, err
	}
	// A theme has the last word.
	look.Styles = slices.Insert(slices.Clone(look.Styles), min(1, len(look.Styles)), own)
	style := look.style()
	return &Page{
		Base: base, problem: problem, site: look.Site, logo: look.logo(), page: page, style: template.CSS(style), policy: look.policy(style),
	}, nil
}

// ServeHTTP asks, and does what was asked for once the button is pressed.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var v view
	var err error
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		v, err = p.ask(r, r.URL.Query().Get("key"))
	case http.MethodPost:
		v, err = p.remove(r)
	default:
		wire.SetAPIHeaders(w.Header())
		p.problem(w, r, wire.MethodNotAllowed(http.MethodGet, http.MethodHead, http.MethodPost))
		return
	}
	status := http.StatusOK
	switch {
	case err != nil:
		problem := wire.Refused(p.Log, r, config.DisownPath, err)
		if problem.Code == wire.CodeTooLarge {
			problem = wire.TooLarge(problem.Cause)
		}
		problem.SetHeader(w.Header())
		v, status = view{State: "later"}, problem.Status
		if status < http.StatusInternalServerError {
			v.State = "bad"
		}
	case v.State == "bad":
		status = http.StatusBadRequest
	}
	p.show(w, status, v)
}

// ask finds out what the key is about, and does nothing else.
func (p *Page) ask(r *http.Request, key string) (view, error) {
	t, err := p.turn(r, key)
	if err != nil {
		return view{}, err
	}
	ans, err := p.Engine.Ask(r.Context(), flows.DisownFlow, "info", t)
	if err != nil {
		return view{}, err
	}
	claim, ok := ans.Reply.(*state.Claim)
	if ans.Outcome == engine.Wrong || !ok {
		return view{State: "bad"}, nil
	}
	return view{State: "asks", Email: claim.Email, Key: key}, nil
}

// remove ends the account of the key, and its sessions before it answers.
func (p *Page) remove(r *http.Request) (view, error) {
	form, err := wire.ReadForm(r, p.BodyLimit)
	if err != nil {
		return view{}, err
	}
	t, err := p.turn(r, form.Get("key"))
	if err != nil {
		return view{}, err
	}
	ans, err := p.Engine.Start(r.Context(), flows.DisownFlow, t)
	if err != nil {
		return view{}, err
	}
	freed, ok := stages.DisownedAddress(ans.Reply)
	if ans.Outcome != engine.Finished || !ok {
		return view{State: "bad"}, nil
	}
	p.Committed()
	// The account has ended even if the client leaves now; its sessions end later if this fails.
	if err := p.PassOn(context.WithoutCancel(r.Context()), state.AccountID(ans.Run.Subject)); err != nil {
		wire.Refused(p.Log, r, config.DisownPath, err)
	}
	return view{State: "done", Email: freed}, nil
}

// turn is one of a client that nothing is known of: the key counts alone, whatever session
// the browser has.
func (p *Page) turn(r *http.Request, key string) (engine.Turn, error) {
	addr := p.Network.ClientIP(r)
	t := engine.Turn{
		Values: engine.MapValues{"key": key}, Now: p.Now(),
		Client: engine.Client{Kind: token.Browser.String(), IP: p.Network.LimitKey(addr), UserAgent: wire.UserAgent(r)},
	}
	if addr.IsValid() {
		t.Client.Address = addr.String()
	}
	_, err := io.ReadFull(p.Rand, t.Seed[:])
	return t, err
}

// show writes the page.
func (p *Page) show(w http.ResponseWriter, status int, v view) {
	v.Site, v.Logo, v.Style, v.Action = p.site, p.logo, p.style, config.DisownPath
	var html bytes.Buffer
	if err := p.page.Execute(&html, v); err != nil {
		// The view is plain text; a template that cannot show it is our fault.
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes())
}
