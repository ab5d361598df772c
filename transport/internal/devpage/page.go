// Package devpage is what a development server has beside its pages: the inspector with the mailbox,
// a clock that can be put ahead and a virtual authenticator. It shows secrets, so that a server has
// it only where dev.enabled is on, and it answers nobody but this machine unless configured
// otherwise. It serves the page of the provider dummy, too.
package devpage

import (
	"embed"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"stagedoor/transport/internal/deliver"
	"stagedoor/transport/internal/inspector"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

//go:embed page
var files embed.FS

// Config is what the page shows and asks. All of it is needed but AllowRemote, Notes and
// RedirectURIs.
type Config struct {
	// Version is the build's, Notes what the configuration says of itself, see
	// [config.Config.Notes].
	Version string
	Notes   []string
	// Origin is the server's public URL.
	Origin string
	// AllowRemote lets in requests from elsewhere, by way of a proxy.
	AllowRemote bool
	// RedirectURIs are the pages of clients of the plain contract.
	RedirectURIs []string

	Mailbox *deliver.Mailbox
	// Started is when this process began.
	Started time.Time
	// Tokens recognizes the tokens of the plain contract, which travel as a provider's state.
	Tokens *token.Tokens
	// Inspector shows the runs, and has the modules of the page.
	Inspector *inspector.Inspector
	// Stories lists the stories that were recorded, Story answers one.
	Stories, Story http.HandlerFunc
	// DeviceBound is the setting session.device_bound, Bindings what was seen of bound sessions.
	DeviceBound string
	Bindings    *Bindings
	// Clock can be put ahead; Passed is called after it was. Follows says that the store of
	// records goes by this clock.
	Clock   *Clock
	Passed  func()
	Follows bool
}

// Page is what a development server has besides its pages.
type Page struct {
	Config
	box    *mailbox
	origin *url.URL
	assets inspector.Assets
}

// New makes the page.
func New(c Config) (*Page, error) {
	origin, err := url.Parse(c.Origin)
	if err != nil {
		return nil, err
	}
	return &Page{
		Config: c, box: &mailbox{Mailbox: c.Mailbox, since: c.Started.UnixMilli()}, origin: origin, assets: inspector.NewAssets(files),
	}, nil
}

// Guard lets requests to the documents of a development server through that are for this machine,
// by its public name: another name of it is sent there, since cookies belong to a name and the
// links of mails carry the public one.
func (p *Page) Guard(next http.Handler) http.Handler {
	return p.named(func(w http.ResponseWriter, r *http.Request) {
		wire.Quiet(w) // the path may hold the key of a link
		if to := p.elsewhere(r); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Document serves a page that has the inspector alone, for a server that has no other.
func (p *Page) Document(handle func(pattern string, h http.Handler)) {
	handle("GET /{$}", p.Guard(http.HandlerFunc(p.document)))
}

// Routes serves what stands beside the documents: the inspector, the mailbox, the page of the
// provider dummy.
func (p *Page) Routes(handle func(pattern string, h http.Handler)) {
	handle("GET /dev/assets/{file}", p.named(p.asset))
	handle("GET /dev/mailbox.json", p.named(p.own(p.box.list)))
	handle("GET /dev/mailbox/{id}", p.named(p.own(p.box.letter)))
	handle("DELETE /dev/mailbox", p.named(p.own(p.box.clear)))
	handle("GET /dev/stories.json", p.named(p.own(p.Stories)))
	handle("GET /dev/stories/{id}", p.named(p.own(p.Story)))
	handle("GET /dev/about.json", p.named(p.own(p.about)))
	handle("GET /dev/bindings.json", p.named(p.own(p.bindings)))
	handle("GET /dev/clock.json", p.named(p.own(p.tell)))
	handle("POST /dev/clock", p.named(p.own(p.pass)))
	handle("GET /dev/runs/{id}", p.named(p.own(p.Inspector.One)))
	p.Inspector.Routes("/dev/", func(pattern string, h http.HandlerFunc) { handle(pattern, p.named(p.own(h))) })
	handle("GET "+DummyPath+"{$}", p.named(p.dummyLogin()))
}

// named refuses requests for a name that is not this server's: a website whose name was
// pointed at this machine (DNS rebinding) would be of one origin with the mailbox. It
// refuses what a proxy passed on, too: whose request that is, is not known.
func (p *Page) named(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host := (&url.URL{Host: r.Host}).Hostname()
		if !local(host) && !strings.EqualFold(host, p.origin.Hostname()) {
			p.refuse(w, fmt.Errorf("the development page is at %s, not at %q; set public_url to open it there", p.origin, host))
			return
		}
		if header := passedOn(r.Header); header != "" && !p.AllowRemote {
			p.refuse(w, fmt.Errorf("the development page is for this machine alone, and a proxy passed this request on (%s); set dev.allow_remote if nobody else reaches the proxy", header))
			return
		}
		next(w, r)
	}
}

// passedOn names a header by which a request shows that a proxy passed it on (RFC 7239,
// RFC 9110 section 7.6.3, and what proxies sent before there was a standard).
func passedOn(h http.Header) string {
	for name := range h {
		switch name {
		case "Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Original-Forwarded-For", "X-Original-Host",
			"True-Client-Ip", "Cf-Connecting-Ip", "Cdn-Loop", "Fastly-Client-Ip", "Fly-Client-Ip", "X-Envoy-External-Address":
			return name
		}
		if strings.HasPrefix(name, "X-Forwarded") {
			return name
		}
	}
	return ""
}

// own refuses requests that another website makes (Fetch Metadata, section 2.4): what is
// answered is secret. A program that is no browser sends neither header.
func (p *Page) own(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
		if site != "" && site != "same-origin" && site != "none" {
			p.refuse(w, fmt.Errorf("a %s page asks for the development mailbox", site))
			return
		}
		if u, err := url.Parse(origin); origin != "" && (err != nil || !strings.EqualFold(u.Host, r.Host)) {
			p.refuse(w, fmt.Errorf("a page of %q asks for the development mailbox", origin))
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next(w, r)
	}
}

// refuse answers 403 and says why, on the page itself: the reason is a hint for
// developers, and no secret.
func (p *Page) refuse(w http.ResponseWriter, err error) {
	wire.SetAPIHeaders(w.Header())
	http.Error(w, err.Error(), http.StatusForbidden)
}

// Policy lets the page load nothing but its own files and frame nothing but letters
// (Content Security Policy Level 3). Forms may lead away: to the third parties.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// document answers the page.
func (p *Page) document(w http.ResponseWriter, _ *http.Request) {
	html, err := files.ReadFile("page/index.html")
	if err != nil {
		// It was embedded when this was built.
		panic(err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", Policy)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(html)
}

// elsewhere is the same page under the public URL, or "" where the request came by it,
// or by a port that was mapped to this one.
func (p *Page) elsewhere(r *http.Request) string {
	came := url.URL{Host: r.Host}
	if local(came.Hostname()) && local(p.origin.Hostname()) && came.Host != p.origin.Host && came.Port() == p.origin.Port() {
		return p.origin.JoinPath("/").ResolveReference(&url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}).String()
	}
	return ""
}

// asset answers a file of the page: one that there is in development alone, or the inspector's.
func (p *Page) asset(w http.ResponseWriter, r *http.Request) {
	if !p.assets.Serve(w, r) {
		p.Inspector.Asset(w, r)
	}
}

// local reports whether a host is this machine.
func local(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}
